#include "moor/config/setting_rules.hpp"

#include <algorithm>

#include "moor/config/connection_string.hpp"
#include "moor/config/text.hpp"

namespace moor::rules {

std::string uri_rule::problem(std::string_view value) {
  if (value.empty())
    return "is empty";
  const auto uri = parse_connection_string(value);
  const auto* error = std::get_if<connection_string_error>(&uri);
  return error == nullptr ? "" : "is malformed (" + to_string(*error) + ")";
}

std::string uri_rule::allowed() {
  return "a connection string such as mongodb://user:password@host:27017/?replicaSet=rs0";
}

std::string name_rule::problem(std::string_view value) {
  const auto plain = [](char c) { return is_alphanumeric(c) || c == '_'; };
  if (value.empty() || value.size() > 10)
    return value.empty() ? "is empty" : "is too long";
  return std::all_of(value.begin(), value.end(), plain) ? "" : "holds another character";
}

std::string name_rule::allowed() {
  return "1 to 10 letters, digits or underscores";
}

std::string app_name_rule::problem(std::string_view value) {
  if (value.size() > 128)
    return "is too long";
  return has_control_character(value) || !is_utf8(value)
           ? "holds a control character or is not UTF-8"
           : "";
}

std::string app_name_rule::allowed() {
  return "at most 128 bytes of UTF-8 without control characters";
}

} // namespace moor::rules
