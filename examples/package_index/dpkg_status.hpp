// The package database of Debian's dpkg: /var/lib/dpkg/status.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <stdexcept>
#include <string>
#include <vector>

namespace package_index {

/// One stanza of the status file.
struct package {
  std::string name;
  std::string architecture;
  std::string version;
  /// The third word of the field Status: `installed`, `config-files`, …
  std::string state;
  /// `(none)` if the stanza has no such field.
  std::string section = "(none)";
  /// In KiB; 0 if the stanza has no such field.
  std::int64_t installed_size = 0;
  /// Names in Depends and Pre-Depends, alternatives included, in order and each once.
  std::vector<std::string> depends;
  std::string description;
  /// Line at which the stanza begins, from 1.
  std::size_t line = 0;
};

/// What is wrong with a status file, in one clause that names the line.
class bad_status_file : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Reads all packages that `dpkg-query -W` lists: those of any state but `not-installed`.
///
/// Throws bad_status_file if there is none, if two have the same name and architecture, if a line
/// is not UTF-8 or neither a field nor the continuation of one, if a stanza lacks Package, Status
/// or Version, if Installed-Size is no number, or if the text ends within a stanza: dpkg ends every
/// stanza, the last one too, with an empty line. It throws, too, as soon as `stopped` says so,
/// which it asks at every line.
std::vector<package> read_status(std::istream& in, const std::function<bool()>& stopped);

/// The same of the file at `path`. Throws bad_status_file also if it cannot be read, is no regular
/// file (a pipe may never end) or is larger than 256 MiB; the text begins with the path, in quotes
/// and without secrets: somebody may have given the connection string in its place.
std::vector<package> read_status_file(const std::string& path,
                                      const std::function<bool()>& stopped);

} // namespace package_index
