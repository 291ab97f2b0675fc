// A server as libmongoc alone sees it.
#pragma once

#include <string>
#include <string_view>

#include "moor/mongo/handles.hpp"

namespace moor::test {

/// libmongoc's form of a connection string. Throws `std::runtime_error` with a text free of the
/// string, which may hold a password.
mongo::uri_owner parse_uri(const std::string& text);

/// Runs a command, given and answered as JSON, on a connection of its own. Throws
/// `std::runtime_error` as `parse_uri` does, also if the server answers with an error;
/// `std::invalid_argument` if `command` is not JSON.
std::string run_plain(const std::string& uri, const std::string& database,
                      std::string_view command);

} // namespace moor::test
