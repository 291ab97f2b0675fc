// How the value of one option of a connection string is read. Used by uri_options.cpp alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "moor/config/uri_options.hpp"

namespace moor {

/// What is wrong with a value, "is not a whole number"; never quotes it.
struct value_problem {
  std::string text;
  /// Part of the value counts all the same: the known ones among several compressors.
  std::optional<uri_value> rest = {};
  /// The specification refuses it.
  bool grave = false;
};

std::variant<uri_value, value_problem> read_uri_value(const uri_option_entry& entry,
                                                      std::string_view text);

} // namespace moor
