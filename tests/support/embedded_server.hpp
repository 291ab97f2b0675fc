// A real server for tests: SecantusDB, run as a separate program.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "support/scratch_directory.hpp"

namespace moor::test {

/// Certificate and key of a server, as PEM files.
struct server_certificate {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct server_options {
  /// `configureFailPoint` and the like.
  bool test_commands = true;
  /// Demands credentials; the user must have been created before by a server without.
  bool authentication = false;
  /// Says that it is no member of a replica set.
  bool standalone = false;
  std::optional<server_certificate> tls;
  /// With TLS: only clients with a certificate of these authorities get in (a PEM file).
  std::optional<std::filesystem::path> client_authorities = {};
};

/// A server on a free port of 127.0.0.1 with an empty directory of its own. It ends with this
/// object, or with this process, however that ends; then the directory is removed. Errors are
/// thrown as `std::runtime_error` with the server's last words. To be used by one thread at a time.
class embedded_server {
public:
  /// Starts it and waits until it answers.
  explicit embedded_server(server_options options = {});
  ~embedded_server();

  embedded_server(const embedded_server&) = delete;
  embedded_server& operator=(const embedded_server&) = delete;

  std::uint16_t port() const noexcept { return port_; }

  /// "127.0.0.1:PORT".
  std::string address() const;

  /// "mongodb://127.0.0.1:PORT/" followed by `options`, "?appName=x" for instance.
  std::string uri(std::string_view options = {}) const;

  /// Runs a command, given and answered as JSON, on a connection of its own without TLS and
  /// credentials. Throws if the server answers with an error.
  std::string run(const std::string& database, std::string_view command) const;

  /// Ends it at once, as a crash would; `restart` brings it back. What it wrote in the last half
  /// second may be lost.
  void kill_now();

  /// Stops it in the middle of what it does: on return it runs no more, keeps its connections and
  /// answers nothing.
  void pause();
  void resume();

  /// Ends it in the orderly way.
  void stop();

  /// Ends it in the orderly way if it runs, and starts it on the same port and with the same data.
  void restart();
  void restart(server_options options);

private:
  void start();
  void wait_until_it_listens();
  void ping() const;
  bool wait_for_end(std::chrono::milliseconds limit);
  void signal(int number) noexcept;
  std::filesystem::path log_file() const;
  std::string last_words() const;

  scratch_directory directory_;
  server_options options_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

} // namespace moor::test
