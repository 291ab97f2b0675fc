// The server of the integration tests, as seen by a plain libmongoc client of its own.
#pragma once

#include <string>

#include "spec/server_version.hpp"
#include "spec/test_file.hpp"

namespace moor::test::spec {

/// One server, spoken to directly. Members throw `std::runtime_error` with a text free of the
/// connection string, which may hold a password. Each call makes a connection of its own.
class endpoint {
public:
  /// `uri` must name one server: a test runs against one, whatever it is part of. Asks it for its
  /// version.
  explicit endpoint(const std::string& uri);

  /// The connection string, with `directConnection=true` if it had none.
  const std::string& uri() const noexcept { return uri_; }

  const server_version& version() const noexcept { return version_; }

  /// Runs a command on the `admin` database, returns the reply.
  json run(const json& command) const;

private:
  std::string uri_;
  server_version version_;
};

/// A fail point of the server, on for as long as this lives.
class fail_point {
public:
  /// `command` is a `configureFailPoint`.
  fail_point(const endpoint& server, const json& command);
  ~fail_point();

  fail_point(const fail_point&) = delete;
  fail_point& operator=(const fail_point&) = delete;

  /// Turns it off; throws if the server refuses.
  void turn_off();

private:
  const endpoint& server_;
  std::string name_;
  bool on_ = true;
};

} // namespace moor::test::spec
