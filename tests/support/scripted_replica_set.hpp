// A replica set whose members answer as the test says.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "support/replica_answers.hpp"

namespace moor::test {

struct replica_set_options {
  std::size_t members = 3;
  std::string name = "scripted";
  /// Whether hello speaks of sessions. Clients use them only then, for every command, and then they
  /// repeat writes and say goodbye (`endSessions`).
  bool sessions = true;
};

/// Members on free ports of 127.0.0.1, which stay their own, that speak MongoDB's wire protocol and
/// know of each other, but store nothing: every command succeeds, every cursor is empty, and there
/// are no credentials. A write at a secondary is answered with 10107, a read that is not allowed
/// there with 13435. Member 0 begins as the primary. Elections happen when the test says so.
///
/// One thread serves all connections, at most 400, and raises no SIGPIPE. What is no message ends
/// its connection. Every function may be called from any thread; what it changes holds from its
/// return on, also for requests whose answer was still held back. They block for a moment; a
/// member that is not there throws `std::out_of_range`, and a thread that does not get to it within
/// a minute `std::runtime_error`.
class scripted_replica_set {
public:
  explicit scripted_replica_set(replica_set_options options = {});
  ~scripted_replica_set();

  scripted_replica_set(const scripted_replica_set&) = delete;
  scripted_replica_set& operator=(const scripted_replica_set&) = delete;

  /// "mongodb://HOSTS/?replicaSet=NAME" followed by `options`, "&readPreference=secondary" say.
  std::string uri(std::string_view options = {}) const;

  /// One member alone, with `directConnection=true`.
  std::string uri_of(std::size_t member) const;

  /// "127.0.0.1:PORT".
  std::string address_of(std::size_t member) const;

  std::optional<std::size_t> primary() const;

  /// From here on all members are secondaries. What the primary was asked and a secondary would
  /// refuse, and is not yet answered, is answered with `why`.
  void step_down(interruption why = interruption::state_changed);

  /// Makes a member the primary; if there is one, it steps down first. Throws `std::logic_error` if
  /// the member does not run.
  void elect(std::size_t member);

  /// How long ago a member wrote last, by its own word.
  void lag(std::size_t member, std::chrono::milliseconds behind);

  /// Whether a member answers hello with 462 (IngressRequestRateLimitExceeded) and the labels
  /// SystemOverloadedError and RetryableError.
  void overload(std::size_t member, bool on);

  /// How long a member keeps every answer back.
  void slow(std::size_t member, std::chrono::milliseconds delay);

  /// Nobody listens at its port; its connections are reset. A primary that stops is missed at once.
  void stop(std::size_t member);

  /// It listens again, as a secondary. Throws `std::system_error` if the port was taken.
  void start(std::size_t member);

  /// How often a member was asked hello, answered or not.
  std::size_t hellos(std::size_t member) const;

  /// How many other commands it was asked, in all or by one name.
  std::size_t commands(std::size_t member) const;
  std::size_t commands(std::size_t member, std::string name) const;

  /// Connections that are open now.
  std::size_t open(std::size_t member) const;

private:
  class worker;
  std::unique_ptr<worker> worker_;
};

} // namespace moor::test
