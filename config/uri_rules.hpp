// What the options of a connection string must not be together. Used by uri_options.cpp alone.
#pragma once

#include <string_view>
#include <vector>

#include "moor/config/uri_options.hpp"

namespace moor {

/// Options that exclude each other, or that the string's hosts or scheme exclude. `given` are the
/// names of those that are there, malformed ones included.
void judge_conflicts(const connection_string& uri, const std::vector<std::string_view>& given,
                     uri_options& options);

/// What the authentication mechanism asks of user info, `authSource` and
/// `authMechanismProperties`.
void judge_authentication(const connection_string& uri, const std::vector<std::string_view>& given,
                          uri_options& options);

} // namespace moor
