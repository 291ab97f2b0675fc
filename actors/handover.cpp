#include "moor/actors/handover.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/ref_counted.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include "moor/actors/guests.hpp"
#include "moor/mongo/fiber_loop.hpp"
#include "moor/mongo/gathering.hpp"

namespace moor::actors {

namespace {

using clock = mongo::fiber_loop::clock;

/// Actors whose turns are due. Any number of workers may take from it at once.
class bundle final : public caf::ref_counted, public caf::resumable {
public:
  explicit bundle(std::vector<caf::resumable*> actors) : actors_(std::move(actors)) {}

  /// What nobody took, because the scheduler was stopped, ends as the scheduler would end it.
  ~bundle() override {
    while (auto* left = take())
      caf::scheduler::abstract_coordinator::cleanup_and_release(left);
  }

  resume_result resume(caf::execution_unit* worker, std::size_t max_throughput) override {
    while (auto* actor = take())
      if (actor->resume(worker, max_throughput) == resume_later)
        worker->exec_later(actor);
      else
        caf::intrusive_ptr_release(actor);
    return done;
  }

  bool is_taken() const noexcept { return next_ >= actors_.size(); }

  void intrusive_ptr_add_ref_impl() override { ref(); }
  void intrusive_ptr_release_impl() override { deref(); }

private:
  caf::resumable* take() noexcept {
    if (is_taken())
      return nullptr;
    const auto mine = next_.fetch_add(1);
    return mine < actors_.size() ? actors_[mine] : nullptr;
  }

  const std::vector<caf::resumable*> actors_; // with a reference each
  std::atomic<std::size_t> next_{0};
};

using bundle_ptr = caf::intrusive_ptr<bundle>;

/// What the actors of one loop hand over, and its guests. It looks after its bundles until all in
/// them is taken, and an actor system waits for that at its end, as for a detached actor. On the
/// loop's thread only.
class outbox {
public:
  ~outbox() { forget(open_.begin()); }

  void add(caf::actor_system& system, caf::resumable* actor) {
    if (fresh_.empty() || system_ != &system) {
      if (!fresh_.empty())
        send(clock::now());
      system.inc_detached_threads();
      system_ = &system;
    }
    fresh_.add(actor);
  }

  guests& visitors() noexcept { return guests_; }

  /// The loop's round ends. Returns when it must be called again, if it does not go on at once.
  clock::time_point end_round(bool goes_on) {
    if (!goes_on) // guests that came since the middle of the round shall not wait with the loop
      guests_.leave();
    if (fresh_.empty() && open_.empty())
      return clock::time_point::max();
    const auto now = clock::now();
    if (fresh_.is_over(goes_on, now))
      send(now);
    forget(std::partition(open_.begin(), open_.end(),
                          [now](const entry& one) { return one.is_wanted(now); }));
    auto again = clock::time_point::max();
    for (auto& one : open_) {
      if (one.next <= now)
        send_for(one, now);
      again = std::min(again, one.next);
    }
    return again;
  }

private:
  /// For how long workers are left alone with a bundle.
  static constexpr std::chrono::milliseconds patience{1};
  /// Workers that are sent for one. Who has not come by then never will, or has much else to do.
  static constexpr int most_sent = 16;

  struct entry {
    bundle_ptr what;
    caf::actor_system* system;
    int sent = 0;
    clock::time_point next{}; // when another worker is sent

    bool is_wanted(clock::time_point now) const {
      return !what->is_taken() && (sent < most_sent || next > now);
    }
  };

  void send(clock::time_point now) {
    auto all = fresh_.take();
    if (all.size() > 1) {
      open_.push_back({caf::make_counted<bundle>(std::move(all)), system_});
      return send_for(open_.back(), now);
    }
    system_->scheduler().enqueue(all.front());
    system_->dec_detached_threads();
  }

  static void send_for(entry& one, clock::time_point now) {
    one.what->ref(); // the scheduler's
    one.system->scheduler().enqueue(one.what.get());
    one.next = now + patience;
    ++one.sent;
  }

  void forget(std::vector<entry>::iterator first) {
    for (auto i = first; i != open_.end(); ++i) {
      i->what.reset();
      i->system->dec_detached_threads();
    }
    open_.erase(first, open_.end());
  }

  caf::actor_system* system_ = nullptr; // of those in `fresh_`
  mongo::gathering<caf::resumable*> fresh_;
  std::vector<entry> open_;
  guests guests_{[this](caf::actor_system& system, caf::resumable* actor) { add(system, actor); }};
};

/// That of the loop that the calling thread is.
outbox& of_loop(const mongo::fiber_loop::here& fiber) {
  // NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): of the thread alone
  thread_local std::weak_ptr<outbox> known;
  auto found = known.lock();
  if (!found) {
    found = std::make_shared<outbox>();
    known = found;
    fiber.at_end_of_rounds([found](bool goes_on) { return found->end_round(goes_on); });
    fiber.in_rounds([found] { found->visitors().have_turns(); });
  }
  return *found;
}

} // namespace

void handover::exec_later(caf::resumable* what) {
  if (const mongo::fiber_loop::here fiber; fiber)
    of_loop(fiber).add(system(), what);
  else
    system().scheduler().enqueue(what);
}

guest_turns::guest_turns(caf::actor_system* system)
  : execution_unit(system), counts_(std::make_shared<turn_counts>()) {}

void guest_turns::exec_later(caf::resumable* what) {
  if (const mongo::fiber_loop::here fiber; fiber)
    return of_loop(fiber).visitors().add(system(), what, counts_);
  ++counts_->on_scheduler;
  system().scheduler().enqueue(what);
}

} // namespace moor::actors
