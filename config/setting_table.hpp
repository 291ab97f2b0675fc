// The one table of all settings: names, meaning, and how each is read, checked and printed.
// Layers, validation, the command line's help and the documentation's check are all driven by it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "moor/config/finding.hpp"
#include "moor/config/settings.hpp"

namespace moor {

/// How a setting is written: `50`, `250ms`, `0.1` or `10%`, `1.5`, a text, `on` or `off`.
enum class setting_kind : std::uint8_t { count, time, fraction, number, text, toggle };

/// "count", "duration", …
std::string_view to_string(setting_kind kind) noexcept;

/// When a changed value counts: as soon as a reload puts it into force, or only in a new pool.
enum class takes_effect : std::uint8_t { at_once, after_restart };

/// One setting. The functions are never null, and pure.
struct setting_entry {
  std::string_view key;
  std::string_view environment;
  /// Option of the connection string that sets it; empty if there is none.
  std::string_view uri_option;
  setting_kind kind;
  /// Never shown as it is.
  bool secret;
  /// One clause for the help text.
  std::string_view meaning;
  /// Reads `text` into its field if it is well-formed and in range; else says what is wrong with
  /// it.
  std::string (*assign)(settings& target, std::string_view text);
  /// What is wrong with the field's value; empty if nothing.
  std::string (*problem)(const settings& values);
  /// The value as it is written, unless it is a secret: then in a form that may be shown.
  std::string (*print)(const settings& values);
  /// "a whole number from 1 to 10000".
  std::string (*allowed)();
  takes_effect when;
};

/// All settings, in the order of the documentation; the same span at every call.
std::span<const setting_entry> setting_table() noexcept;

/// Position of `key` in the table; nothing if no setting has that key. Keys are case-sensitive.
std::optional<std::size_t> index_of(std::string_view key) noexcept;

/// The setting that a connection string's option sets, without regard to case; null if none.
const setting_entry* find_uri_option(std::string_view option);

/// What the setting is called in that source: `max-pool-size`, `DB_POOL_SIZE`, `maxPoolSize`,
/// `--moor.max-pool-size`.
std::string name_in(source from, const setting_entry& entry);

/// The place where that source holds the setting, "environment variable DB_POOL_SIZE". The profile
/// that a default comes from is `in_force`.
std::string place_in(source from, const setting_entry& entry, profile in_force);

/// The place that the origin itself names, if it does; else as above.
std::string place_in(const origin& from, const setting_entry& entry, profile in_force);

/// Whether the setting names a file of a secret.
bool names_secret_file(const setting_entry& entry) noexcept;

/// Whether a text that is to name a file may be a secret, given by the wrong name: whatever does
/// not begin as a path does. Many a secret has a slash in it.
bool may_be_secret(std::string_view file) noexcept;

/// A value of that setting in quotes, fit for a log: secrets redacted, and what is no path where a
/// file of a secret is to be named; other texts as by `printable`.
std::string shown(const setting_entry& entry, std::string_view value);

/// The finding that `value`, which `from` gave to the setting, has a problem.
finding finding_about(const setting_entry& entry, const origin& from, profile in_force,
                      std::string_view value, std::string problem);

/// The finding that what is in force for the setting of that key has a problem.
finding finding_about(const settings& values, const origins& from, std::string_view key,
                      std::string problem);

/// The name in that source which `name` was probably meant to be, a known one included; empty if
/// none is near. `name` is written as in that source; for the command line without `--moor.`.
/// `config`, which names the TOML file, counts where it can be given.
std::string nearest_name(source from, std::string_view name);

/// Two settings of which the first must not be larger than the second; nor equal to it if `apart`.
struct ordered_pair {
  std::string_view smaller;
  std::string_view larger;
  bool (*in_order)(const settings& values);
  /// Lowers the smaller to the larger, or below it.
  void (*lower)(settings& values);
  bool apart = false;
};

std::span<const ordered_pair> ordered_pairs() noexcept;

} // namespace moor
