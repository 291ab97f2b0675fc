#include "moor/config/credentials.hpp"

#include <algorithm>
#include <variant>

#include "moor/config/text.hpp"

namespace moor {

namespace {

/// RFC 3986's unreserved characters stay; every other byte becomes `%XX`.
void append_encoded(std::string& target, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_alphanumeric(c) || std::string_view{"-._~"}.find(c) != std::string_view::npos) {
      target += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    (target += '%') += {digits[byte >> 4U], digits[byte & 0x0FU]};
  }
}

bool is_credential(const uri_option& option) {
  const auto key = to_lower(option.key);
  return key == "tlscertificatekeyfilepassword"
         || (key == "authmechanismproperties"
             && to_lower(option.value).find("aws_session_token") != std::string::npos);
}

} // namespace

bool has_credential(const connection_string& uri) {
  return (uri.password && !uri.password->empty())
         || std::any_of(uri.options.begin(), uri.options.end(), is_credential);
}

bool has_credential(std::string_view uri) {
  auto parsed = parse_connection_string(uri);
  auto* parts = std::get_if<connection_string>(&parsed);
  const bool has = parts != nullptr && has_credential(*parts);
  if (parts != nullptr && parts->password)
    wipe(*parts->password);
  return has;
}

completed_uri with_password(std::string_view uri, std::string_view password) {
  const auto begin = uri.find("://") + 3;
  const auto authority = uri.substr(begin, uri.find_first_of("/?", begin) - begin);
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos)
    return {{}, "holds a password, and the connection string names no user"};
  if (authority.substr(0, at).find(':') != std::string_view::npos)
    return {{}, "holds a password, and the connection string has one, too"};
  std::string result;
  result.reserve(uri.size() + 1 + 3 * password.size()); // so that growing leaves no copy behind
  result.append(uri.substr(0, begin + at)).append(":");
  append_encoded(result, password);
  result.append(uri.substr(begin + at));
  completed_uri completed{secret{result}, {}};
  wipe(result);
  return completed;
}

} // namespace moor
