// The options of connection strings, as MongoDB's URI Options specification lists them: names,
// types and bounds. What they mean together is judged in uri_conflicts.cpp and uri_credential.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace moor {

/// How an option's value is written.
enum class uri_option_kind : std::uint8_t {
  flag,          ///< `true` or `false`
  number,        ///< a whole number, `least` to `most`
  text,          ///< at most `most` bytes; 0: of any length
  choice,        ///< one of `choices`
  words,         ///< some of `choices`, joined by commas
  pairs,         ///< `key:value` pairs, joined by commas
  tag_sets,      ///< pairs; the option may be repeated, each time for one set, and may be empty
  write_concern, ///< a whole number from 0, or a text
};

/// One option of the specification, a former name of one, or an option of libmongoc's own.
struct uri_option_entry {
  /// As the specification spells it; found without regard to case.
  std::string_view name;
  uri_option_kind kind = uri_option_kind::text;
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::span<const std::string_view> choices = {};
  /// The specification's name for an option that is written under an older one; a synonym (`ssl`)
  /// is no older name, and is not warned of.
  std::string_view now_called = {};
  /// Encryption or authentication depends on it: it is never ignored because it is malformed or
  /// ambiguous.
  bool guards = false;
  /// The specification refuses a repetition instead of warning of it (SOCKS5 support).
  bool once = false;
  /// A number of 0 means to wait without end.
  bool endless_at_zero = false;
};

/// All of them, in alphabetical order; the same span at every call.
std::span<const uri_option_entry> uri_option_table() noexcept;

/// The option of that name, in any case; null if there is none.
const uri_option_entry* uri_option_named(std::string_view name);

/// "a whole number from 0 to 2147483647", "true or false".
std::string allowed_in(const uri_option_entry& entry);

/// The option that `name` was probably meant to be; empty if none is near.
std::string_view nearest_uri_option(std::string_view name);

/// What to write instead of an option that no specification has any more (`fsync`, `slaveOk`);
/// empty if it is none of those.
std::string_view successor_of(std::string_view name);

} // namespace moor
