// moor's log lines by spdlog.
#pragma once

#include "moor/runtime/supervisor.hpp"

namespace moor {

/// Writes to spdlog's logger `moor`, at level info; the embedder's if it registered one by that
/// name before, else one that shares the default logger's sinks. The function may be called from
/// any thread.
log_function log_to_spdlog();

} // namespace moor
