// Sees every error and every command of a client, whoever uses it, by libmongoc's command and
// server events.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "moor/messages/errors.hpp"
#include "moor/mongo/command_watch.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/wire.hpp"

namespace moor::mongo {

/// Remembers the worst failure of one client and who refused a `hello`. Lives as long as
/// the client it is installed in; used by the thread that uses the client.
class watch {
public:
  /// `single_server`: any server lost is the client's server. If not, only that of the primary, the
  /// mongos or the load balancer counts: a secondary may come and go.
  watch(wire& line, bool single_server) noexcept : line_{line}, single_server_{single_server} {}

  void install(mongoc_client_t* client);

  /// The client has credentials: whatever it does between `hello` and its first command is to show
  /// them.
  void expect_authentication() noexcept { authenticates_ = true; }

  void observe(observation how) { commands_.observe(std::move(how)); }

  /// Returns the purpose until now.
  std::optional<purpose> use_for(std::optional<purpose> what) {
    return commands_.use_for(std::move(what));
  }

  /// The client goes into other hands: what is sent is to be had from its events.
  void expect_any_command() noexcept;

  /// In its scope one known command is sent.
  class known_command {
  public:
    known_command(watch& of, const std::string& database, const bson_t& body);
    ~known_command() { commands_.forget_announced(); }
    known_command(const known_command&) = delete;
    known_command& operator=(const known_command&) = delete;

  private:
    command_watch& commands_;
  };

  /// What is to be thought of an error that a call of libmongoc returned.
  failure judge(const bson_error_t& error, const bson_t* reply, bool establishing) const;

  /// What is to be thought of an error of this client that was judged without knowing of it: one
  /// that says of a secondary what is known of it spoils nothing; the labels of its answer are
  /// added.
  failure weigh(failure why) const;

  /// From now on the client's server is known to be a secondary.
  void expect_a_secondary() noexcept { secondary_ = true; }

  /// Whether a server answered its latest `hello` with 462.
  bool has_seen_overload() const noexcept;

  /// Keeps `seen` if it reaches farther than what is kept; one that spoils nothing is not kept.
  void record(failure seen);

  /// The worst since the last call.
  std::optional<failure> take();

  /// When a server last answered a `hello`, or failed to.
  wire::clock::time_point looked_at() const noexcept { return looked_at_; }

  /// Whether anything was ever recorded.
  bool has_seen_failure() const noexcept { return has_seen_failure_; }

private:
  static watch& of(void* context) noexcept { return *static_cast<watch*>(context); }

  /// Tells libmongoc which events are wanted.
  void ask_for_events(bool started_too) noexcept;

  void on_started(const mongoc_apm_command_started_t* event);
  void on_failed(const mongoc_apm_command_failed_t* event);
  void on_succeeded(const mongoc_apm_command_succeeded_t* event);
  void on_hello(const mongoc_apm_server_heartbeat_succeeded_t* event);
  void on_hello_lost(const mongoc_apm_server_heartbeat_failed_t* event);
  void on_server_changed(const mongoc_apm_server_changed_t* event);

  const bson_t* refusal_behind(const bson_error_t& error) const;

  wire& line_;
  std::map<std::string, bson_owner, std::less<>> refusals_; // by server: of its latest hello
  wire::clock::time_point looked_at_{};
  std::string answered_last_; // the server
  command_watch commands_;
  mongoc_client_t* client_ = nullptr; // set by `install`
  bool sees_started_ = false;
  bool authenticates_ = false;
  std::optional<failure> worst_;
  server_advice advice_;         // of the last command that failed
  std::int32_t advised_for_ = 0; // its code
  bool single_server_;
  bool secondary_ = false;
  bool has_seen_failure_ = false;
};

} // namespace moor::mongo
