// Connection strings and passwords that stand in files of their own, as container platforms mount
// them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "moor/config/finding.hpp"
#include "moor/config/secret.hpp"
#include "moor/config/settings.hpp"

namespace moor {

/// What a file holds, or why it cannot be used.
struct file_text {
  secret text;
  /// "cannot be read: Permission denied"; empty if there is a text. Never quotes the file.
  std::string problem = {};
  /// Whether everybody on this machine may read it.
  bool exposed = false;
};

/// Reads a small file of one text without the line end behind it. config/ reads no files:
/// `read_secret_file` of runtime/ is the one to use.
using file_reader = std::function<file_text(const std::string& path)>;

/// Fills `values.uri` from the files that the settings name: from `uri_file` the string itself,
/// from `password_file` the password of its user. `from` says where the names came from and learns
/// where the connection string did. Findings: files that cannot be read, a password for a string
/// that has one already or names no user, a credential that everybody may read (policy
/// `world-readable-secrets`). To be called once for one value.
std::vector<finding> fill_from_files(settings& values, origins& from, const file_reader& read);

/// The finding of a policy: an error in production, a warning in development.
finding policy_finding(std::string policy, profile in_force, finding what);

} // namespace moor
