#include "support/fake_driver.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace moor::test {

namespace {

class fake_connection final : public mongo::connection {
public:
  explicit fake_connection(std::shared_ptr<fake_script> script) : script_(std::move(script)) {
    ++script_->made;
  }

  ~fake_connection() override {
    if (!established_)
      return;
    if (const auto hook = script_->destroy_hook())
      hook();
    --script_->open;
  }

  std::optional<failure> establish() override {
    if (auto why = script_->take_establish())
      return why;
    if (interrupted_)
      return failure{errc::connect_failed, spoils::connection, 0, "interrupted"};
    established_ = true;
    read_only_ = script_->read_only;
    const auto open = ++script_->open;
    auto most = script_->most_open.load();
    while (open > most && !script_->most_open.compare_exchange_weak(most, open)) {
    }
    return std::nullopt;
  }

  bool read_only() const noexcept override { return read_only_; }

  failure weighed(failure why) const override { return why; }

  std::optional<failure> ping(duration) override {
    ++script_->pings;
    return script_->take_ping();
  }

  std::variant<document, failure> command(const std::string& database,
                                          const document& body) override {
    ++script_->commands;
    auto answer = answer_to(body);
    report(database, std::holds_alternative<failure>(answer));
    return answer;
  }

  void observe(mongo::observation how) override { observation_ = std::move(how); }

  std::optional<mongo::purpose> use_for(std::optional<mongo::purpose> what) override {
    return std::exchange(purpose_, std::move(what));
  }

  _mongoc_client_t* client() noexcept override {
    ++script_->clients;
    return client_in_use();
  }
  _mongoc_client_t* client_in_use() const noexcept override {
    return reinterpret_cast<_mongoc_client_t*>(const_cast<fake_connection*>(this));
  }

  std::optional<failure> take_failure() override {
    if (!interrupted_)
      return std::nullopt;
    return failure{errc::connection_lost, spoils::connection, 0, "interrupted"};
  }

  void interrupt() noexcept override {
    ++script_->interrupts;
    interrupted_ = true;
  }

  bool interrupted() const noexcept override { return interrupted_; }

  std::shared_ptr<mongo::fiber_lane> lane() override { return script_->lane; }

  bool fits_fiber() override { return !interrupted_; }

private:
  std::variant<document, failure> answer_to(const document& body) {
    if (interrupted_)
      return failure{errc::connection_lost, spoils::connection, 0, "interrupted"};
    if (const auto hook = script_->answer_hook())
      return hook(body);
    return body;
  }

  void report(const std::string& database, bool failed) {
    if (!purpose_ || !observation_.by)
      return;
    const auto threshold
      = purpose_->slow_after > duration::zero() ? purpose_->slow_after : observation_.slow_after;
    const duration took = script_->command_time;
    observation_.by->finished({.operation = purpose_->operation,
                               .took = took,
                               .failed = failed,
                               .slow = threshold > duration::zero() && took > threshold,
                               .connection = observation_.connection,
                               .threshold = threshold,
                               .command = "find",
                               .database = database,
                               .collection = "things",
                               .shape = "{filter: {age}}",
                               .server = "fake:27017"});
  }

  std::shared_ptr<fake_script> script_;
  mongo::observation observation_;
  std::optional<mongo::purpose> purpose_;
  bool established_ = false;
  bool read_only_ = false;
  std::atomic<bool> interrupted_{false};
};

} // namespace

void fake_script::next_establish(std::optional<failure> outcome) {
  const std::lock_guard guard{mutex_};
  establish_.push_back(std::move(outcome));
}

void fake_script::next_ping(std::optional<failure> outcome) {
  const std::lock_guard guard{mutex_};
  ping_.push_back(std::move(outcome));
}

void fake_script::on_establish(std::function<void()> hook) {
  const std::lock_guard guard{mutex_};
  on_establish_ = std::move(hook);
}

void fake_script::on_destroy(std::function<void()> hook) {
  const std::lock_guard guard{mutex_};
  on_destroy_ = std::move(hook);
}

std::function<void()> fake_script::destroy_hook() {
  const std::lock_guard guard{mutex_};
  return on_destroy_;
}

void fake_script::answer_with(answering hook) {
  const std::lock_guard guard{mutex_};
  answer_ = std::move(hook);
}

fake_script::answering fake_script::answer_hook() {
  const std::lock_guard guard{mutex_};
  return answer_;
}

std::optional<failure> fake_script::take_establish() {
  std::unique_lock guard{mutex_};
  auto hook = on_establish_;
  std::optional<failure> outcome;
  if (!establish_.empty()) {
    outcome = std::move(establish_.front());
    establish_.pop_front();
  }
  guard.unlock();
  if (hook)
    hook();
  return outcome;
}

std::optional<failure> fake_script::take_ping() {
  const std::lock_guard guard{mutex_};
  if (ping_.empty())
    return std::nullopt;
  auto outcome = std::move(ping_.front());
  ping_.pop_front();
  return outcome;
}

std::shared_ptr<mongo::connection> fake_driver::make_connection() {
  return std::make_shared<fake_connection>(script);
}

std::shared_ptr<mongo::fiber_lane> fake_driver::lane() {
  if (script->lane_fails)
    throw std::system_error(EAGAIN, std::generic_category(), "no thread");
  return script->lane;
}

failure network_failure() {
  return {errc::connect_failed, spoils::connection, 0, "Connection refused"};
}

} // namespace moor::test
