// moor's log lines in spdlog.
#pragma once

#include "moor/messages/log.hpp"

namespace moor {

/// Writes to spdlog's logger `moor`: the embedder's if it registered one by that name before, else
/// one that shares the default logger's sinks. Lines of level debug are made only if that logger
/// wants them now. Any thread.
logger log_to_spdlog();

} // namespace moor
