// The steps of establishing a connection: how long each took and where it ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moor/config/duration.hpp"

namespace moor::mongo {

/// In the order in which they follow each other at one server.
enum class establish_step : std::uint8_t {
  resolve,      ///< host name to addresses
  dial,         ///< TCP, or a Unix socket
  tls,          ///< the TLS handshake
  hello,        ///< MongoDB's handshake; of SCRAM and X.509 the first message travels with it
  authenticate, ///< what then remains of the authentication
  ping,         ///< the first command
};

/// "resolve", "dial", "tls", "hello", "authenticate" or "ping".
std::string_view to_string(establish_step step) noexcept;

struct step_record {
  establish_step step = establish_step::resolve;
  /// Host and port.
  std::string server;
  duration took{0};
  /// The step came to its end. If not, establishing ended in it, or did not wait for it.
  bool done = false;
};

/// What the TLS handshake with a server led to.
struct tls_facts {
  std::string server;
  std::string version; ///< "TLSv1.3"
  std::string cipher;  ///< OpenSSL's name of the cipher suite
  /// Until when the server's certificate is valid, in seconds of Unix time; nothing if it showed
  /// none that can be read.
  std::optional<std::int64_t> certificate_expires;
};

/// The steps of one establishing, of all servers that the client looked at. Records nothing before
/// it is opened and after it was closed. Used by the thread that establishes.
class step_log {
public:
  using clock = std::chrono::steady_clock;
  /// Servers of a large replica set have fewer.
  static constexpr std::size_t most = 200;

  void open();
  /// What was begun and not ended was left undone.
  void close();

  void begin(establish_step step, const std::string& server);
  void end(establish_step step, const std::string& server, bool done);

  /// The server's answer to `hello`: whatever comes before the next command is authentication.
  void hello_ended(const std::string& server);
  /// The client turned to its first command.
  void commands_begin() { commands_since_ = clock::now(); }
  /// A command is sent: the authentication, if there was any, is over.
  void command_sent(const std::string& server, bool authenticates);
  /// The first command was answered well.
  void end_ping();
  /// Establishing failed in the authentication with the server that answered last.
  void authentication_failed();
  /// The handshake ended well by itself, but its outcome was not accepted by one side.
  void tls_failed();

  const std::vector<step_record>& all() const noexcept { return all_; }

private:
  struct begun {
    establish_step step;
    std::string server;
    clock::time_point at;
  };

  void add(establish_step step, const std::string& server, clock::duration took, bool done);

  bool open_ = false;
  std::vector<begun> begun_;
  std::vector<step_record> all_;
  std::string answered_last_;
  clock::time_point answered_at_{};
  clock::time_point commands_since_{};
};

} // namespace moor::mongo
