#include "page/load.hpp"

#include <string_view>
#include <thread>
#include <utility>
#include <variant>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <mongoc/mongoc.h>
#include <nlohmann/json.hpp>

#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/bson.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/use.hpp"
#include "moor/runtime/ask.hpp"

namespace moor::test {

/// A client to itself: ask, or see whether there is something to do.
struct go_on {};

} // namespace moor::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::test::go_on)

namespace moor::test {

namespace {

using namespace std::chrono_literals;

constexpr const char* database = "shop";
/// Of those who rest, and of those who were refused.
constexpr auto pause = 20ms;

document from_constant(std::string_view json) {
  return std::get<document>(mongo::from_json(json));
}

document find_product() {
  return from_constant(R"({"find": "products", "filter": {"name": "rope"}, "limit": 1})");
}
document count_stock() {
  return from_constant(R"({"count": "products", "query": {"stock": 0}})");
}
document reserve_stock() {
  return from_constant(R"({"update": "products", "updates": [
    {"q": {"name": "rope"}, "u": {"$inc": {"reserved": 1}}}]})");
}

/// On the connection's own thread: one command, and then it thinks.
void count_and_think(mongoc_client_t& client, std::chrono::milliseconds think) {
  const auto command = count_stock();
  const mongo::bson_view body{command};
  bson_error_t error;
  mongo::check(
    mongoc_client_command_simple(&client, database, body.get(), nullptr, nullptr, &error), error);
  std::this_thread::sleep_for(think);
}

class storekeeper {
public:
  static constexpr const char* name = "storekeeper";
  using self_ptr = caf::stateful_actor<storekeeper>*;

  explicit storekeeper(self_ptr self) : self_{self} {}

  caf::behavior begin(std::shared_ptr<load_plan> plan, std::size_t number) {
    plan_ = std::move(plan);
    number_ = number;
    self_->send(self_, go_on{});
    return {[this](go_on) { proceed(); }};
  }

private:
  void proceed() {
    if (held_)
      return give_back();
    if (number_ >= plan_->working)
      return self_->delayed_send(self_, pause, go_on{});
    ++plan_->busy;
    switch (number_ % 3) {
      case 0: return find();
      case 1: return count();
      default: return reserve();
    }
  }

  void find() {
    ask_command(self_, plan_->pool, {.operation = find_operation}, database, find_product())
      .then([this](const document&) { done(find_operation); },
            [this](const caf::error& why) { failed(find_operation, why); });
  }

  void count() {
    ask_run(
      self_, plan_->pool, {.operation = count_operation},
      [think = plan_->think.load()](mongoc_client_t& client) { count_and_think(client, think); })
      .then([this] { done(count_operation); },
            [this](const caf::error& why) { failed(count_operation, why); });
  }

  void reserve() {
    ask_lease(self_, plan_->pool, {.operation = reserve_operation})
      .then(
        [this](lease& got) {
          held_ = std::move(got);
          work_on_lease();
        },
        [this](const caf::error& why) { failed(reserve_operation, why); });
  }

  void work_on_lease() {
    ask_command(self_, held_, {.operation = reserve_operation}, database, reserve_stock())
      .then(
        [this](const document&) {
          self_->delayed_send(self_, plan_->think.load(), go_on{}); // holding it
        },
        [this](const caf::error& why) {
          held_ = {};
          failed(reserve_operation, why);
        });
  }

  void give_back() {
    held_ = {};
    done(reserve_operation);
  }

  void done(const char* operation) {
    plan_->books.succeeded(operation);
    --plan_->busy;
    self_->send(self_, go_on{});
  }

  void failed(const char* operation, const caf::error& why) {
    plan_->books.failed(operation, why);
    --plan_->busy;
    self_->delayed_send(self_, pause, go_on{});
  }

  self_ptr self_;
  std::shared_ptr<load_plan> plan_;
  std::size_t number_ = 0;
  lease held_;
};

} // namespace

void ledger::succeeded(const std::string& operation) {
  const std::lock_guard guard{mutex_};
  ++succeeded_[operation];
}

void ledger::failed(const std::string& operation, const caf::error& why) {
  const auto code = code_of(why);
  const std::lock_guard guard{mutex_};
  ++failed_[operation];
  ++errors_[code ? std::string{to_string(*code)} : "not moor's"];
}

std::string ledger::json() const {
  using namespace std::chrono;
  const std::lock_guard guard{mutex_};
  const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  return nlohmann::json{
    {"at_unix_ms", now}, {"succeeded", succeeded_}, {"failed", failed_}, {"errors", errors_}}
    .dump();
}

std::vector<caf::actor> spawn_clients(caf::actor_system& system,
                                      const std::shared_ptr<load_plan>& plan, std::size_t number) {
  std::vector<caf::actor> all;
  for (std::size_t i = 0; i < number; ++i)
    all.push_back(
      system.spawn([plan, i](storekeeper::self_ptr self) { return self->state.begin(plan, i); }));
  return all;
}

} // namespace moor::test
