// Settings from several sources made into one value.
//
// The pool's own table of the TOML file over the command line over the environment over the TOML
// file's other settings over CAF's config file over the connection string's options over the
// program's code over the profile's defaults. Only the strongest value of a setting counts: what it
// overrides is not judged, so that a mistake below can be got round from above.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "moor/config/finding.hpp"
#include "moor/config/secret_files.hpp"
#include "moor/config/settings.hpp"
#include "moor/config/validate.hpp"

namespace moor {

/// One setting as a source wrote it.
struct raw_value {
  /// A key of the setting table, or an unknown name as written.
  std::string key;
  std::string text;
  /// What is wrong with it already, "is a list" for instance; empty if the text is to be read.
  std::string problem = {};
  /// The place in words where the source alone does not say it: `moor.toml:3:17`.
  std::string place = {};
  /// Whether everybody on this machine may read the file that it stands in.
  bool exposed = false;
};

/// What one source says. The last of several values of one key counts.
struct layer {
  source from = source::code;
  std::vector<raw_value> values;
};

/// Settings, where each came from, and all that is wrong with them.
struct resolved {
  settings value;
  origins from;
  std::vector<finding> findings;

  /// Whether `value` may be used: there may be warnings, but no error.
  bool ok() const noexcept { return !has_errors(findings); }
};

/// Reads the layers, given in any order, and validates the result. The profile and the connection
/// string are themselves subject to the precedence; the strongest connection string's options are a
/// layer, the other strings' are not looked at.
///
/// Findings: a key that no setting has, a value that cannot be read, and whatever `validate` finds.
/// What is wrong with an option of the connection string is an error in production; in development
/// it is a warning, and a malformed option is ignored, the last of a repeated one counts, and a
/// minimum pool size above the maximum is lowered to it. A default that contradicts a given value
/// gives way to it: the profile's minimum pool size and first retry delay are lowered to a smaller
/// maximum that was given.
///
/// With the exception `zero-timeouts`, a timeout of 0 is read as the longest that there is.
///
/// The connection string may be given itself or by the name of its file (`uri-file`): the stronger
/// of the two counts, and both from one source are a finding. Files are read through `read`;
/// without it, one that is named is a finding, too. What policy finds (a password on the command
/// line or in a file that everybody may read) is an error in production and a warning in
/// development.
///
/// Pure but for `read`; any thread.
resolved resolve(const std::vector<layer>& layers, const file_reader& read = {});

/// The same without a copy of any layer, which may hold secrets. None may be null.
resolved resolve_layers(std::span<const layer* const> layers, const file_reader& read = {});

/// One line per setting, fit for a log: key, value (secrets redacted; none if it was refused),
/// where it came from.
std::vector<std::string> explain(const resolved& what);

} // namespace moor
