// What the production profile demands beyond what can work, and where exceptions are permitted by
// name (`settings::allow`). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moor/config/connection_string.hpp"
#include "moor/config/finding.hpp"
#include "moor/config/settings.hpp"
#include "moor/config/uri_options.hpp"

namespace moor {

/// Whether a host is this machine by the way it is written; no name is looked up.
bool is_loopback(const host_identifier& host);

/// Where the connection string came from, for findings.
struct uri_place {
  source from = source::code;
  std::string where;
};

/// What is refused of a connection string in production; nothing in development.
std::vector<finding> judge_policy(const settings& values, const connection_string& uri,
                                  const uri_options& options, const uri_place& place);

/// What is refused of an HTTP endpoint that other machines can reach: without a password, without
/// TLS. Errors in production, warnings in development. `values.endpoint.listen` must be one that
/// its setting takes.
std::vector<finding> judge_endpoint(const settings& values, const origin& of_listen);

/// What is wrong with the mode (as `stat` gives it) of a file that holds a secret: "can be read by
/// everybody …", to go behind the file's name; empty if nothing is. For whoever reads such a file:
/// nothing here does.
std::string secret_file_problem(const settings& values, std::uint32_t mode);

/// What is wrong with `max_pool_size` at a server that takes `limit` connections in all, one
/// sentence; empty if nothing is.
std::string server_limit_problem(const settings& values, std::uint64_t limit);

/// What a timeout of 0 given to that setting stands for, in the words of the setting: the longest
/// there is. Nothing if 0 is no timeout, or not permitted by `zero-timeouts`.
std::optional<std::string> stand_in_for_zero(std::string_view key, const allowances& allow);

} // namespace moor
