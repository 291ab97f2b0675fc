// moor's log lines.
#pragma once

#include <functional>
#include <string>

namespace moor {

/// Receives a line for people. May be called from any thread, must not block.
using log_function = std::function<void(const std::string& line)>;

/// Writes to spdlog's logger `moor`: what somebody may have to act on (slow commands, saturation,
/// restarts, circuit breakers, libmongoc's warnings) at level warn, all else at info; the
/// embedder's if it registered one by that
/// name before, else one that shares the default logger's sinks. The function may be called from
/// any thread.
log_function log_to_spdlog();

} // namespace moor
