// A driver without a server: connections that establish, ping and answer as the test says.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "moor/mongo/port.hpp"

namespace moor::test {

/// What fake connections of one driver share. Any thread.
class fake_script {
public:
  /// Outcomes of the next calls of establish and ping, used up in order; then all succeed.
  void next_establish(std::optional<failure> outcome);
  void next_ping(std::optional<failure> outcome);

  /// Called by every establish on the connection's thread, before its outcome; may block.
  void on_establish(std::function<void()> hook);

  /// Called on whichever thread destroys an established connection, before it counts as gone; may
  /// block.
  void on_destroy(std::function<void()> hook);
  std::function<void()> destroy_hook();

  /// Answers every command from now on, on the connection's thread.
  using answering = std::function<std::variant<document, failure>(const document& body)>;
  void answer_with(answering hook);
  answering answer_hook();

  /// How long every command takes from now on, by the word of the connections; no time passes.
  std::atomic<duration> command_time{duration::zero()};

  std::optional<failure> take_establish();
  std::optional<failure> take_ping();

  /// Where connections and pools have their turns; to be set before the first is made.
  std::shared_ptr<mongo::fiber_lane> lane;
  /// There are no threads for one.
  std::atomic<bool> lane_fails{false};

  /// Whether connections that establish find no member that takes writes.
  std::atomic<bool> read_only{false};

  std::atomic<int> made{0};      ///< connections made
  std::atomic<int> open{0};      ///< established and not yet destroyed
  std::atomic<int> most_open{0}; ///< the most there ever were at once
  std::atomic<int> pings{0};
  std::atomic<int> commands{0};
  std::atomic<int> interrupts{0};
  std::atomic<int> clients{0}; ///< times a client was handed out to be used

private:
  std::mutex mutex_;
  std::deque<std::optional<failure>> establish_;
  std::deque<std::optional<failure>> ping_;
  std::function<void()> on_establish_;
  std::function<void()> on_destroy_;
  answering answer_;
};

/// A command is answered with its own body unless the script says otherwise. The client is a
/// distinct pointer that must not be used.
class fake_driver final : public mongo::driver {
public:
  std::shared_ptr<fake_script> script = std::make_shared<fake_script>();

  std::shared_ptr<mongo::connection> make_connection() override;
  std::string at = "fake:27017";
  std::string address() const override { return at; }
  std::shared_ptr<mongo::fiber_lane> lane() override;
};

/// A failure as the driver reports a server that is not there.
failure network_failure();

} // namespace moor::test
