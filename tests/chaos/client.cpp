#include "chaos/client.hpp"

#include <array>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <mongoc/mongoc.h>

#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/bson.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/use.hpp"
#include "moor/runtime/ask.hpp"

namespace moor::chaos {

struct next {};

} // namespace moor::chaos

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::chaos::next)

namespace moor::chaos {

namespace {

using namespace std::chrono_literals;

const document& ping() {
  static const auto body = std::get<document>(mongo::from_json(R"({"ping": 1})"));
  return body;
}

/// Marks the connection as held while it lives, in whatever way its client ends.
class holding {
public:
  holding(std::shared_ptr<world> shared, lease what)
    : shared_(std::move(shared)), what_(std::move(what)) {
    client_ = what_.client();
    if (client_ != nullptr)
      shared_->held.take(client_);
  }
  holding(holding&& other) noexcept
    : shared_(std::move(other.shared_)),
      what_(std::move(other.what_)),
      client_(std::exchange(other.client_, nullptr)) {}
  holding& operator=(holding&&) = delete;
  ~holding() {
    if (client_ != nullptr)
      shared_->held.release(client_);
  }

  const lease& what() const noexcept { return what_; }

private:
  std::shared_ptr<world> shared_;
  lease what_;
  mongoc_client_t* client_ = nullptr;
};

struct client_state {
  static constexpr const char* name = "chaos.client";
  using self_ptr = caf::stateful_actor<client_state>*;

  explicit client_state(self_ptr self_pointer) : self(self_pointer) {}

  bool chance(int percent) { return static_cast<int>(random() % 100) < percent; }

  request_options options(const char* operation) {
    constexpr std::array limits{200ms, 1000ms, 3000ms};
    deadline_after = limits[random() % limits.size()];
    return {.operation = operation, .timeout = deadline_after};
  }

  /// A request goes out; some clients do not wait for the answer.
  void sent() {
    ++shared->seen.requests;
    due = self->clock().now() + deadline_after;
    if (chance(2)) {
      ++shared->seen.abandoned;
      self->quit();
    }
  }

  void answered(const std::string& how) {
    ++shared->seen.answered;
    shared->seen.outcomes.add(how);
    const auto now = std::chrono::steady_clock::now();
    if (now - due > shared->tolerance + shared->machine.stall(due, now)) {
      ++shared->seen.late;
      shared->seen.outcomes.add("late: " + how);
    }
  }

  void succeeded(const char* how) {
    answered(how);
    shared->seen.last_success = std::chrono::steady_clock::now().time_since_epoch().count();
  }

  void refused(const caf::error& why) {
    const auto code = code_of(why);
    answered(code ? std::string{to_string(*code)} : "not moor's: " + caf::to_string(why));
    if (!code)
      shared->seen.breaches.add("an answer that is not moor's");
    // As a backend would: a refused request is not repeated at full speed.
    self->delayed_send(self, 20ms, next{});
  }

  void go_on() { self->send(self, next{}); }

  void do_something() {
    held.reset();
    if (shared->ending) {
      self->quit();
      return;
    }
    const auto what = random() % 100;
    if (what < 40)
      ask_for_command();
    else if (what < 65)
      ask_for_run();
    else
      ask_for_lease(what >= 95);
  }

  void ask_for_command() {
    ask_command(self, pool(), options("chaos.command"), "admin", ping())
      .then([this](const document&) { succeeded("reply"), go_on(); },
            [this](const caf::error& why) { refused(why); });
    sent();
  }

  void ask_for_run() {
    const auto fails = chance(5);
    ask_run(
      self, pool(), options("chaos.run"),
      [shared = shared, fails](mongoc_client_t& client) {
        shared->held.take(&client);
        const auto release = std::unique_ptr<mongoc_client_t, releaser>{&client, {&shared->held}};
        bson_error_t error;
        const mongo::bson_view body{ping()};
        mongo::check(
          mongoc_client_command_simple(&client, "admin", body.get(), nullptr, nullptr, &error),
          error);
        if (fails)
          throw std::runtime_error{"by intent"};
        return 1;
      })
      .then([this](int) { succeeded("result"), go_on(); },
            [this](const caf::error& why) { refused(why); });
    sent();
  }

  void ask_for_lease(bool dedicated) {
    ask_lease(self, pool(), options("chaos.lease"), {.dedicated = dedicated})
      .then(
        [this, dedicated](lease& l) {
          succeeded("lease");
          held.emplace(shared, std::move(l));
          hold(dedicated);
        },
        [this](const caf::error& why) { refused(why); });
    sent();
  }

  void hold(bool long_work) {
    if (chance(3)) {
      self->quit(); // holding
      return;
    }
    if (chance(50))
      return work_on_lease();
    self->delayed_send(self, std::chrono::milliseconds{random() % (long_work ? 300 : 10)}, next{});
  }

  void work_on_lease() {
    ask_command(self, held->what(), options("chaos.lease.command"), "admin", ping())
      .then([this](const document&) { succeeded("reply on a lease"), go_on(); },
            [this](const caf::error& why) { refused(why); });
    sent();
  }

  pool_actor pool() const { return caf::actor_cast<pool_actor>(shared->pool); }

  struct releaser {
    holders* of;
    void operator()(mongoc_client_t* client) const { of->release(client); }
  };

  self_ptr self;
  std::shared_ptr<world> shared;
  std::mt19937_64 random;
  std::optional<holding> held;
  duration deadline_after{0};
  instant due{};
};

} // namespace

caf::actor spawn_client(caf::actor_system& system, std::shared_ptr<world> shared,
                        std::uint64_t seed) {
  return system.spawn(
    [](client_state::self_ptr self, std::shared_ptr<world> what, std::uint64_t s) -> caf::behavior {
      self->state.shared = std::move(what);
      self->state.random.seed(s);
      self->state.go_on();
      return {[self](next) { self->state.do_something(); }};
    },
    std::move(shared), seed);
}

} // namespace moor::chaos
