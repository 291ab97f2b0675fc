#include "moor/config/connection_string.hpp"

#include <algorithm>
#include <utility>

#include "moor/config/parse.hpp"
#include "moor/config/text.hpp"

namespace moor {

namespace {

using namespace std::string_view_literals;

constexpr auto npos = std::string_view::npos;

constexpr auto encode_hint
  = "must be percent-encoded (':' as %3A, '/' as %2F, '@' as %40, '%' as %25)";

/// A part of the whole text that remembers where it stood.
struct slice {
  std::string_view text;
  std::size_t position;

  slice part(std::size_t from, std::size_t count = npos) const {
    return {text.substr(from, count), position + from};
  }
};

[[noreturn]] void refuse(std::string part, const slice& where, std::string problem) {
  throw connection_string_error{std::move(part), where.position, std::move(problem)};
}

bool contains(std::string_view set, char c) noexcept {
  return set.find(c) != npos;
}

std::string decode(const slice& raw, const std::string& part) {
  auto decoded = percent_decode(raw.text);
  if (!decoded)
    refuse(
      part, raw,
      "a '%' must be followed by two hexadecimal digits, not both zero, and the decoded text must "
      "be UTF-8; write a percent sign as %25");
  return *std::move(decoded);
}

slice read_scheme(const slice& whole, connection_string& result) {
  for (const auto& [scheme, srv] : {std::pair{"mongodb://"sv, false}, {"mongodb+srv://"sv, true}}) {
    if (!whole.text.starts_with(scheme))
      continue;
    result.srv = srv;
    return whole.part(scheme.size());
  }
  refuse("scheme", whole, "it must begin with mongodb:// or mongodb+srv://");
}

/// User info may hold RFC 3986's unreserved characters, sub-delimiters and percent-encoded bytes.
void read_user_info(const slice& info, connection_string& result) {
  const auto colon = info.text.find(':');
  if (std::count(info.text.begin(), info.text.end(), ':') > 1 || contains(info.text, '@'))
    refuse("user info", info,
           std::string{"':' and '@' inside a user name or password "} + encode_hint);
  const auto allowed
    = [](char c) { return is_alphanumeric(c) || contains("-._~!$&'()*+,;=%:", c); };
  if (!std::all_of(info.text.begin(), info.text.end(), allowed))
    refuse("user info", info,
           "a user name or password may hold letters, digits and -._~!$&'()*+,;= as they are; "
           "every other character must be percent-encoded");
  result.user = decode(info.part(0, colon), "user info");
  if (result.user->empty())
    refuse("user info", info, "the user name is empty");
  if (colon != npos)
    result.password = decode(info.part(colon + 1), "user info");
}

std::uint16_t read_port(const slice& raw, const std::string& part) {
  const auto number = parse_count(raw.text);
  if (!number || *number.value < 1 || *number.value > 65535)
    refuse(part, raw,
           "the port must be a whole number from 1 to 65535; a ':', '/' or '?' in a user name or "
           "password must be percent-encoded");
  return static_cast<std::uint16_t>(*number.value);
}

bool is_ipv4(std::string_view name) {
  for (int octets = 1;; ++octets) {
    const auto dot = name.find('.');
    const auto octet = name.substr(0, dot);
    const auto number = parse_count(octet);
    if (!number || octet.size() > 3 || *number.value > 255)
      return false;
    if (dot == npos)
      return octets == 4;
    name.remove_prefix(dot + 1);
  }
}

host_identifier read_ip_literal(const slice& raw, const std::string& part) {
  const auto end = raw.text.find(']');
  const auto inside = raw.part(1, end == npos ? npos : end - 1);
  const auto allowed = [](char c) { return is_alphanumeric(c) || contains(":.%-_~", c); };
  if (end == npos || std::count(inside.text.begin(), inside.text.end(), ':') < 2
      || !std::all_of(inside.text.begin(), inside.text.end(), allowed))
    refuse(part, raw, "an IPv6 address must stand in brackets, as in [::1] or [::1]:27017");
  host_identifier result{host_kind::ip_literal, decode(inside, part), std::nullopt};
  const auto rest = raw.part(end + 1);
  if (rest.text.starts_with(':'))
    result.port = read_port(rest.part(1), part);
  else if (!rest.text.empty())
    refuse(part, rest, "only a ':' and a port may follow an address in brackets");
  return result;
}

host_identifier read_host(const slice& raw, const std::string& part) {
  if (raw.text.starts_with('['))
    return read_ip_literal(raw, part);
  const auto colon = raw.text.find(':');
  host_identifier result{host_kind::name, decode(raw.part(0, colon), part), std::nullopt};
  if (result.name.empty())
    refuse(part, raw,
           "a host name is missing; the path of a UNIX domain socket must have its slashes as %2F");
  if (colon != npos)
    result.port = read_port(raw.part(colon + 1), part);
  if (contains(result.name, '/')) {
    if (!result.name.ends_with(".sock") || result.port || has_control_character(result.name))
      refuse(
        part, raw,
        "a UNIX domain socket must end in .sock, and has neither a port nor control characters");
    result.kind = host_kind::unix_socket;
  } else if (has_control_character(result.name)
             || result.name.find_first_of(" \"#%:<>?@[\\]^`{|}") != npos) {
    refuse(part, raw, "a host name holds a character that no host name can have");
  } else if (is_ipv4(result.name)) {
    result.kind = host_kind::ipv4;
  }
  return result;
}

void read_hosts(const slice& hosts, connection_string& result) {
  slice rest = hosts;
  for (std::size_t number = 1;; ++number) {
    const auto comma = rest.text.find(',');
    result.hosts.push_back(read_host(rest.part(0, comma), "host " + std::to_string(number)));
    if (comma == npos)
      break;
    rest = rest.part(comma + 1);
  }
  const auto& first = result.hosts.front();
  if (result.srv && (result.hosts.size() > 1 || first.port || first.kind != host_kind::name))
    refuse("host 1", hosts, "mongodb+srv takes exactly one host name, without a port");
}

void read_database(const slice& raw, connection_string& result) {
  result.database = decode(raw, "database");
  if (contains(raw.text, '@') || result.database.find_first_of("/\\ \"$") != npos
      || has_control_character(result.database))
    refuse("database", raw,
           "a database name must not hold '/', '\\', ' ', '\"', '$', a control character or an "
           "unescaped '@'; a '/' in a user name, password or socket path must be written %2F");
}

void read_options(slice options, connection_string& result) {
  if (options.text.empty())
    return;
  for (std::size_t number = 1;; ++number) {
    const auto part = "option " + std::to_string(number);
    const auto end = options.text.find_first_of("&;"); // ';' is the older delimiter
    const auto pair = options.part(0, end);
    const auto equals = pair.text.find('=');
    if (equals == npos || equals == 0)
      refuse(part, pair, "an option must have the form key=value");
    result.options.push_back(
      {decode(pair.part(0, equals), part), decode(pair.part(equals + 1), part)});
    if (end == npos)
      return;
    options = options.part(end + 1);
  }
}

connection_string read(std::string_view text) {
  const slice whole{text, 0};
  connection_string result;
  if (text.empty())
    refuse("scheme", whole, "it is empty; it must begin with mongodb:// or mongodb+srv://");
  if (has_control_character(text) || !is_utf8(text))
    refuse("text", whole, "it must be UTF-8 without control characters such as a line end");
  auto rest = read_scheme(whole, result);
  const auto authority = rest.part(0, rest.text.find_first_of("/?"));
  rest = rest.part(authority.text.size());
  const auto at = authority.text.rfind('@');
  if (at != npos)
    read_user_info(authority.part(0, at), result);
  read_hosts(at == npos ? authority : authority.part(at + 1), result);
  if (rest.text.starts_with('/')) {
    const auto question = rest.text.find('?');
    const auto database = rest.part(1, question == npos ? npos : question - 1);
    read_database(database, result);
    rest = rest.part(1 + database.text.size());
  }
  if (!rest.text.empty())
    read_options(rest.part(1), result);
  return result;
}

} // namespace

std::variant<connection_string, connection_string_error>
parse_connection_string(std::string_view text) {
  try {
    return read(text);
  } catch (connection_string_error& error) {
    return std::move(error);
  }
}

std::string to_string(const connection_string_error& error) {
  return error.part + ", byte " + std::to_string(error.position) + ": " + error.problem;
}

std::string address_of(const connection_string& uri) {
  std::string result;
  for (const auto& host : uri.hosts) {
    if (!result.empty())
      result += ',';
    result += host.kind == host_kind::ip_literal ? "[" + host.name + "]" : host.name;
    if (host.port)
      result += ":" + std::to_string(*host.port);
  }
  return result;
}

} // namespace moor
