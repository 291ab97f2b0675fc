// What had better be otherwise, judged by the settings and by what the server showed.
#pragma once

#include <string>
#include <vector>

#include "moor/config/settings.hpp"
#include "moor/ctl/probe.hpp"
#include "moor/ctl/target.hpp"

namespace moor::ctl {

/// A short sentence.
struct advice {
  std::string id;         ///< "pool-above-head-room"; never changes its meaning
  bool is_warning = true; ///< if not, a note, which --strict lets pass
  std::string text;       ///< free of secrets
};

/// How many more connections the server says that it takes; nothing if it does not say. A server
/// that took this connection has not none: 0 is what servers say that do not count them.
maybe_count connections_left(const server_view& seen) noexcept;

/// All that applies, warnings first. Pure; any thread. The rules are those of docs/moorctl.md.
std::vector<advice> advise(const settings& with, const target& where, const probe_result& seen);

} // namespace moor::ctl
