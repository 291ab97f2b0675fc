// All that the connections of one pool have in common, worked out once from its settings.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "moor/config/settings.hpp"
#include "moor/messages/errors.hpp"
#include "moor/mongo/handles.hpp"

namespace moor::mongo {

/// The TLS options of a connection string. Empty paths mean: the system's certificate authorities,
/// and no client certificate.
struct tls_settings {
  std::string authorities_file;
  std::string certificate_file;
  std::string certificate_password;
  bool allow_invalid_certificates = false;
  bool allow_invalid_hostnames = false;
};

/// Immutable once made, and so shared by all threads.
struct connect_plan {
  uri_owner uri;
  /// Host and port as written in the connection string; several are joined by commas.
  std::string address;
  std::optional<tls_settings> tls;
  /// Of what the files of `tls` contained when the plan was made.
  std::size_t files_hash = 0;
  duration connect_timeout{};
  /// Between libmongoc's looks at its servers (heartbeatFrequencyMS), which it takes in the middle
  /// of an operation.
  duration scan_interval{};
  /// The client talks to one server and does not look for others.
  bool single_server = false;
  /// The client shows credentials.
  bool authenticates = false;
  /// Making a client looks its servers up in the DNS (`mongodb+srv`).
  bool needs_lookup = false;
};

/// Whether connections are made in the same way by both.
bool is_same(const connect_plan& a, const connect_plan& b);

/// The plan, or `invalid_argument` if the connection string cannot be used under the settings'
/// profile, if it names a user without the password that the mechanism needs, if libmongoc refuses
/// it or cannot do what it asks for, or if a file that it names cannot be read, or by everybody.
/// libmongoc gets no option that is unknown, ignored or repeated. The settings win over the same
/// options in the string: connectTimeoutMS, socketTimeoutMS, serverSelectionTimeoutMS and appName.
/// Options of pools are moor's to follow and are left out.
///
/// Two options are not the user's: `serverSelectionTryOnce` is always true, for the alternative
/// sleeps where nothing can wake it, and with several servers the search may take only half of the
/// connect timeout, so that one dead server leaves time to authenticate with another.
std::variant<connect_plan, failure> make_plan(const settings& from);

} // namespace moor::mongo
