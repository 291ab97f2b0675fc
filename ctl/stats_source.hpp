// Where a component's /stats is, and as whom to ask for it.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "moor/config/duration.hpp"
#include "moor/config/secret.hpp"
#include "moor/ctl/command_line.hpp"

namespace moor::ctl {

/// All that one question takes.
struct stats_source {
  std::string url; ///< "http://127.0.0.1:9464/stats"
  std::string user;
  shared_secret password;
  std::string authorities_file; ///< empty: the system's
  duration timeout{};
};

/// Why there is none: a clause that names what was wrong and what is allowed.
struct bad_source {
  std::string problem;
};

/// The URL of /stats at `address`: host and port (9464 if there is none), or a URL of http or https
/// with no more than those. User info is refused.
std::variant<std::string, bad_source> stats_url(std::string_view address);

/// The first line of a file, which must not be empty; the file has at most 1024 bytes. Blocks on
/// it.
std::variant<shared_secret, bad_source> read_password(const std::string& file);

/// What the options say. Blocks on the password's file.
std::variant<stats_source, bad_source> make_source(const top_options& from);

} // namespace moor::ctl
