#include "moor/config/setting_rules.hpp"

#include <algorithm>

#include "moor/config/connection_string.hpp"
#include "moor/config/parse.hpp"
#include "moor/config/text.hpp"

namespace moor::rules {

std::string uri_rule::problem(const shared_secret& value) {
  if (value.empty())
    return "is empty";
  const auto uri = parse_connection_string(value.reveal());
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

parsed<allowances> allow_rule::read(std::string_view text) {
  parsed<allowances> result;
  result.value = parse_allowances(text, result.problem);
  return result;
}

std::string allow_rule::allowed() {
  std::string list;
  for (const auto one : all_allowances)
    (list += to_string(one)) += ", ";
  return list + "several joined by commas, or none";
}

std::string listen_rule::problem(std::string_view value) {
  if (value.empty())
    return "";
  const auto colon = value.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    return "is no address with a port";
  const auto host = value.substr(0, colon);
  const auto allowed_in_host = [bracketed = host.front() == '['](char c) {
    return is_alphanumeric(c) || c == '.' || (bracketed && (c == ':' || c == '[' || c == ']'));
  };
  if (!std::all_of(host.begin(), host.end(), allowed_in_host)
      || (host.front() == '[') != (host.back() == ']'))
    return "holds no IPv4 address, nor an IPv6 address in brackets";
  const auto port = parse_count(value.substr(colon + 1));
  return port && *port.value <= 65'535 ? "" : "has no port from 0 to 65535";
}

std::string listen_rule::allowed() {
  return "an address with a port, 127.0.0.1:9464 or [::1]:9464 for instance, or none";
}

std::string line_rule::problem(std::string_view value) {
  return has_control_character(value) || !is_utf8(value)
           ? "holds a control character or is not UTF-8"
           : "";
}

std::string line_rule::allowed() {
  return "UTF-8 without control characters, or none";
}

} // namespace moor::rules
