// The questions that `moorctl check` asks a server, and what is read of the answers.
#pragma once

#include <string>

#include "moor/messages/document.hpp"

namespace moor::ctl {

/// Made once; any thread.
const document& build_info_command();

/// The version in an answer to `buildInfo`, at most 40 harmless bytes; empty if there is none.
std::string version_in(const document& answer);

} // namespace moor::ctl
