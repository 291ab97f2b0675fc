// MongoDB connection strings, as MongoDB's Connection String specification defines them.
//
// The parser decides syntax and says nothing of what an option means. Its errors name a part and a
// position and never quote the string: a mistake in it is often a password that was not encoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace moor {

enum class host_kind : std::uint8_t { name, ipv4, ip_literal, unix_socket };

/// One server address; `name` is decoded and, for an IP literal, without its brackets.
struct host_identifier {
  host_kind kind = host_kind::name;
  std::string name;
  /// 1 to 65535; absent if not given.
  std::optional<std::uint16_t> port;

  friend bool operator==(const host_identifier&, const host_identifier&) = default;
};

/// One `key=value` of the options, decoded. Keys are compared without regard to case.
struct uri_option {
  std::string key;
  std::string value;

  friend bool operator==(const uri_option&, const uri_option&) = default;
};

/// The parts of a connection string, decoded. `user` and `password` are secrets.
struct connection_string {
  /// `mongodb+srv`: the one host is a name to look servers up under.
  bool srv = false;
  std::optional<std::string> user;
  std::optional<std::string> password;
  std::vector<host_identifier> hosts;
  /// Database to authenticate against; empty if not given.
  std::string database;
  /// In the order of the string, where `&` or `;` stands between; repeated keys stay repeated.
  std::vector<uri_option> options;
};

/// Why a text is no connection string, free of secrets.
struct connection_string_error {
  /// "scheme", "user info", "host 2", "database", "option 3".
  std::string part;
  /// Byte at which that part begins, from 0.
  std::size_t position = 0;
  /// What is wrong and what is allowed.
  std::string problem;
};

/// Parses `text`. Refused beyond the specification's own rules, because nobody means them: control
/// characters, bytes that are not UTF-8, `%00`, an empty user name, an unescaped `@` in the
/// database (the end of a password with an unescaped slash).
std::variant<connection_string, connection_string_error>
parse_connection_string(std::string_view text);

/// One clause: "user info, byte 10: more than one ':' …".
std::string to_string(const connection_string_error& error);

/// The hosts as written, ports included and joined by commas: `db1:27018,[::1],/run/db.sock`.
std::string address_of(const connection_string& uri);

/// A form of any text, well-formed or not, that can be printed: scheme, hosts, database and options
/// known to be harmless; user info and every other option become `***`. If the text is malformed or
/// its reading is in doubt, nothing but a known scheme is left of it.
std::string redact(std::string_view text);

} // namespace moor
