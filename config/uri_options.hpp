// The options of one connection string, read as their types, and all that is wrong with them.
//
// The rules are those of MongoDB's Connection String, URI Options, Authentication, SOCKS5 Support,
// Read and Write Concern, Server Selection, Load Balancer and Initial DNS Seedlist Discovery
// specifications. No finding quotes a value: a misplaced password may be one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "moor/config/connection_string.hpp"
#include "moor/config/finding.hpp"
#include "moor/config/settings.hpp"
#include "moor/config/uri_option_table.hpp"

namespace moor {

/// `key:value` pairs in the order of the string.
using uri_pairs = std::vector<std::pair<std::string, std::string>>;

/// By kind: flag; number, and a numeric write concern; text, choice, and a named write concern;
/// words; pairs; tag sets.
using uri_value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>, uri_pairs,
                               std::vector<uri_pairs>>;

/// An option that counts.
struct read_option {
  /// Of the specification's name, also if it was written under an older one or as `ssl`.
  const uri_option_entry* entry = nullptr;
  uri_value value;
  /// What was written, decoded: one text, but one each for tag sets.
  std::vector<std::string> texts;
};

/// What a finding is about.
enum class uri_problem : std::uint8_t {
  unknown,       ///< no such option; it is ignored
  repeated,      ///< given more than once; the last one counts
  malformed,     ///< the value is none that the option can have; it is ignored
  contradictory, ///< options that cannot be together, or not with these hosts or this user
  deprecated,    ///< an older name
};

/// One violated rule. Free of values.
struct uri_finding {
  /// What the specification demands: a warning, or that the string be refused.
  severity grade = severity::warning;
  uri_problem kind = uri_problem::unknown;
  /// As it stands in the connection string; "option 2" where the name may be part of a secret.
  std::string option;
  /// "is not a whole number", to go behind the name.
  std::string problem;
  /// "allowed is true or false".
  std::string advice;
  /// Encryption or authentication depends on the option.
  bool guards = false;
};

/// The options of one connection string.
struct uri_options {
  /// Each at most once, in the order of the string.
  std::vector<read_option> read;
  std::vector<uri_finding> findings;

  /// By the specification's name, in its spelling; null if the option was not given or is ignored.
  const uri_value* find(std::string_view name) const noexcept;
  std::optional<bool> flag(std::string_view name) const noexcept;
  std::optional<std::int64_t> number(std::string_view name) const noexcept;
  /// Null if it is no text.
  const std::string* text(std::string_view name) const noexcept;
};

/// Reads and judges them. Pure; any thread.
uri_options read_options(const connection_string& uri);

/// How grave a finding is under a profile. What the specification refuses is always an error. What
/// is unknown, repeated, malformed or contradictory is one in production; in development it is a
/// warning, unless encryption or authentication depends on it.
severity severity_in(profile which, const uri_finding& what) noexcept;

} // namespace moor
