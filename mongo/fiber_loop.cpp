#include "moor/mongo/fiber_loop.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <new>
#include <set>
#include <utility>
#include <vector>

#include <poll.h>
#include <pthread.h>

#include "moor/mongo/fiber.hpp"
#include "moor/mongo/gathering.hpp"
#include "moor/mongo/poll_timeout.hpp"

namespace moor::mongo {

namespace {

using time_point = fiber_loop::clock::time_point;

/// For how long the loop stays awake when there is nothing to do, at the most.
constexpr std::chrono::microseconds longest_lookout{60};

/// A fiber and what it waits for. Never destroyed while it does.
struct strand {
  fiber on;
  time_point until = time_point::max();
  fiber_loop::outcome end{};
  bool waits = false;  // for descriptors or a time
  bool waited = false; // in the work that it has
};

} // namespace

/// All of it but for `posted_` and its like belongs to the loop's thread.
struct fiber_loop::inside : std::enable_shared_from_this<inside> {
  inside();

  void run();
  bool post(std::function<void()> work);
  void wake(strand* who);
  void stop();
  outcome wait(std::span<const interest> what, time_point until);
  void park() const;
  void before_sending();
  time_point end_round(bool goes_on) const;

  strand* running = nullptr;
  round_end end_of_round;
  round_middle middle_of_round;

private:
  void take_posted();
  void begin_work();
  void enter(strand& who, std::function<void()> work);
  void leave(strand& who);
  void end_wait(strand& who, outcome how);
  void expire();
  void resume_all(const std::vector<strand*>& whom);
  bool let_go(bool goes_on);
  bool look(time_point until);
  bool may_sleep();
  bool has_news() const;
  void rest(time_point until);
  bool look_out(time_point until);
  void wake_up();
  outcome wait_here(std::span<const interest> what, time_point until) const;

  descriptor_watch watch_;
  std::set<std::pair<time_point, strand*>> timers_;
  std::vector<std::unique_ptr<strand>> all_;
  std::vector<strand*> idle_;
  std::vector<strand*> ready_;
  gathering<strand*> held_; // before they send
  std::size_t again_ = 0;   // of these, who waited before
  std::deque<std::function<void()>> to_begin_;
  std::size_t busy_ = 0;       // fibers with work
  bool ends_ = false;          // `stopping_` at the beginning of the round
  bool out_of_stacks_ = false; // until one of them has none any more
  fiber_loop::clock::duration last_rest_ = fiber_loop::clock::duration::max();

  std::mutex mutex_;
  std::deque<std::function<void()>> posted_;
  std::vector<strand*> woken_;
  bool asleep_ = false;                // it may be: whoever has something for it rings
  std::atomic<bool> stopping_ = false; // nothing waits any more
};

namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): of the thread alone
thread_local void* loop_of_thread = nullptr;

} // namespace

fiber_loop::inside::inside() {
  idle_.reserve(most_idle + 1);
}

// -- any thread ----------------------------------------------------------------------------------

bool fiber_loop::inside::post(std::function<void()> work) {
  const std::lock_guard lock{mutex_};
  if (posted_.size() >= most_posted)
    return false;
  posted_.push_back(std::move(work));
  wake_up();
  return true;
}

void fiber_loop::inside::wake(strand* who) {
  const std::lock_guard lock{mutex_};
  woken_.push_back(who);
  wake_up();
}

void fiber_loop::inside::stop() {
  const std::lock_guard lock{mutex_};
  stopping_ = true;
  wake_up();
}

/// Under the mutex.
void fiber_loop::inside::wake_up() {
  if (std::exchange(asleep_, false))
    watch_.ring();
}

// -- the loop's thread ---------------------------------------------------------------------------

void fiber_loop::inside::run() {
  loop_of_thread = this;
  ::pthread_setname_np(::pthread_self(), "moor.loop");
  for (;;) {
    take_posted();
    begin_work();
    expire();
    resume_all(std::exchange(ready_, {}));
    if (middle_of_round)
      middle_of_round();
    // Without waiting: the end of the round is told of what the network has.
    auto goes_on = look(time_point{}) || !may_sleep();
    if (let_go(goes_on)) // which may bring anything to do
      goes_on = goes_on || !held_.empty() || !may_sleep();
    const auto again = end_round(goes_on);
    if (goes_on)
      continue;
    if (busy_ == 0 && ends_)
      break;
    rest(timers_.empty() ? again : std::min(again, timers_.begin()->first));
  }
  end_of_round = nullptr;
  middle_of_round = nullptr;
  loop_of_thread = nullptr;
}

/// Whether there is nothing to do until something happens. Whoever brings something after that
/// rings. Without a stack for it, work to begin is nothing to do.
bool fiber_loop::inside::may_sleep() {
  if (!ready_.empty() || (!out_of_stacks_ && !to_begin_.empty()))
    return false;
  const std::lock_guard lock{mutex_};
  asleep_ = !has_news();
  return asleep_;
}

/// From other threads. Under the mutex.
bool fiber_loop::inside::has_news() const {
  return (!out_of_stacks_ && !posted_.empty()) || !woken_.empty() || ends_ != stopping_;
}

/// Until something happens, or it is `until`. To be woken costs the loop and whoever wakes it more
/// than a short look-out, which is worth it as long as rests are short: with a server that is near.
void fiber_loop::inside::rest(time_point until) {
  const auto begin = clock::now();
  if (busy_ == 0 || last_rest_ > longest_lookout
      || !look_out(std::min(until, begin + longest_lookout)))
    look(until);
  last_rest_ = clock::now() - begin;
}

/// Whether anything happens until then. Meanwhile nobody needs to ring.
bool fiber_loop::inside::look_out(time_point until) {
  do {
    {
      const std::lock_guard lock{mutex_};
      asleep_ = false;
      if (has_news())
        return true;
    }
    if (look(time_point{}))
      return true;
    std::this_thread::yield();
  } while (clock::now() < until);
  return !may_sleep();
}

time_point fiber_loop::inside::end_round(bool goes_on) const {
  return end_of_round ? end_of_round(goes_on) : time_point::max();
}

void fiber_loop::inside::take_posted() {
  {
    const std::lock_guard lock{mutex_};
    asleep_ = false;
    ends_ = stopping_; // what waits is told now, and of what comes to wait later nothing does
    ready_.insert(ready_.end(), woken_.begin(), woken_.end());
    woken_.clear();
    if (to_begin_.empty())
      std::swap(to_begin_, posted_);
  }
  if (ends_)
    for (const auto& who : all_)
      if (who->waits)
        end_wait(*who, outcome::stopped);
}

void fiber_loop::inside::begin_work() {
  out_of_stacks_ = false;
  for (; !to_begin_.empty(); to_begin_.pop_front()) {
    if (idle_.empty()) {
      try {
        all_.push_back(std::make_unique<strand>());
        idle_.push_back(all_.back().get()); // there is room
      } catch (const std::bad_alloc&) {
        out_of_stacks_ = busy_ > 0; // one of these will end
        if (out_of_stacks_)
          return;
        to_begin_.front()(); // without a stack of its own, and so on the thread's
        continue;
      }
    }
    auto* who = idle_.back();
    idle_.pop_back();
    enter(*who, std::move(to_begin_.front()));
  }
}

void fiber_loop::inside::enter(strand& who, std::function<void()> work) {
  ++busy_;
  running = &who;
  who.waited = false;
  who.on.start(std::move(work));
  leave(who);
}

void fiber_loop::inside::leave(strand& who) {
  running = nullptr;
  if (!who.on.idle())
    return;
  --busy_;
  out_of_stacks_ = false;
  if (idle_.size() < most_idle)
    return idle_.push_back(&who);
  std::erase_if(all_, [&](const auto& one) { return one.get() == &who; });
}

/// Those that are held, if their time has come. Who sends again after an answer had another request
/// waiting, so the loop will not rest soon, and once half of all do so, they are enough: the server
/// has these to do while the loop handles the answers of the others.
bool fiber_loop::inside::let_go(bool goes_on) {
  if (held_.empty() || !held_.is_over(goes_on && 2 * again_ < busy_, clock::now()))
    return false;
  again_ = 0;
  resume_all(held_.take());
  return true;
}

void fiber_loop::inside::resume_all(const std::vector<strand*>& whom) {
  for (auto* who : whom) {
    running = who;
    who->on.resume();
    leave(*who);
  }
}

void fiber_loop::inside::end_wait(strand& who, outcome how) {
  who.waits = false;
  who.end = how;
  if (who.until != time_point::max())
    timers_.erase({who.until, &who});
  ready_.push_back(&who);
}

void fiber_loop::inside::expire() {
  if (timers_.empty())
    return;
  const auto now = clock::now();
  while (!timers_.empty() && timers_.begin()->first <= now)
    end_wait(*timers_.begin()->second, outcome::timed_out);
}

/// Whether anything happened.
bool fiber_loop::inside::look(time_point until) {
  return watch_.look(poll_timeout(until), [this](descriptor_watch::waiter of) {
    if (auto& who = *static_cast<strand*>(of); who.waits)
      end_wait(who, outcome::ready);
  });
}

// -- on a fiber ----------------------------------------------------------------------------------

/// Waits with the whole loop, for want of a better way; looks now and then whether that is to end.
fiber_loop::outcome fiber_loop::inside::wait_here(std::span<const interest> what,
                                                  time_point until) const {
  end_round(false);
  constexpr std::chrono::milliseconds at_once{100};
  std::vector<pollfd> all;
  for (const auto& one : what)
    all.push_back({one.descriptor, one.events, 0});
  while (!stopping_) {
    const auto next = std::min(until, clock::now() + at_once);
    if (::poll(all.data(), all.size(), poll_timeout(next)) > 0)
      return outcome::ready;
    if (clock::now() >= until)
      return outcome::timed_out;
  }
  return outcome::stopped;
}

fiber_loop::outcome fiber_loop::inside::wait(std::span<const interest> what, time_point until) {
  auto& me = *running;
  me.waited = true;
  if (stopping_)
    return outcome::stopped;
  bool can = true;
  for (const auto& one : what)
    can = can && watch_.begin(one, &me);
  const auto ended = [this](const interest& one) { return watch_.take_end(one); };
  me.end = outcome::ready;
  if (can && std::ranges::none_of(what, ended)) {
    me.waits = true;
    me.until = until;
    if (until != time_point::max())
      timers_.emplace(until, &me);
    me.on.suspend();
  }
  const auto end = can ? me.end : wait_here(what, until);
  for (const auto& one : what)
    watch_.end(one);
  return end;
}

void fiber_loop::inside::park() const {
  running->on.suspend();
}

void fiber_loop::inside::before_sending() {
  held_.add(running);
  again_ += running->waited ? 1 : 0;
  running->on.suspend();
}

// -- the loop ------------------------------------------------------------------------------------

fiber_loop::fiber_loop() : inside_{std::make_shared<inside>()} {
  thread_ = std::thread{[kept = inside_] { kept->run(); }};
}

fiber_loop::~fiber_loop() {
  inside_->stop();
  if (thread_.get_id() == std::this_thread::get_id())
    thread_.detach();
  else
    thread_.join();
}

bool fiber_loop::post(std::function<void()> work) {
  return inside_->post(std::move(work));
}

fiber_loop::here::here() noexcept : of_{static_cast<inside*>(loop_of_thread)} {
  if (of_ != nullptr && of_->running == nullptr)
    of_ = nullptr;
}

fiber_loop::outcome fiber_loop::here::wait(std::span<const interest> what,
                                           clock::time_point until) const {
  return of_->wait(what, until);
}

void fiber_loop::here::at_end_of_rounds(round_end what) const {
  of_->end_of_round = std::move(what);
}

void fiber_loop::here::in_rounds(round_middle what) const {
  of_->middle_of_round = std::move(what);
}

void fiber_loop::here::park() const {
  of_->park();
}

void fiber_loop::here::before_sending() const {
  of_->before_sending();
}

void fiber_loop::here::before_blocking() const {
  of_->end_round(false);
}

std::function<void()> fiber_loop::here::waker() const {
  return [of = of_->shared_from_this(), who = of_->running] { of->wake(who); };
}

} // namespace moor::mongo
