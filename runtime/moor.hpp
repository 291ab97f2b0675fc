// All that an embedder needs.
#pragma once

// pkg-config leaves the choice of the standard to the compiler's command line.
#if __cplusplus < 202002L
#error "moor needs C++20: compile with -std=c++20"
#endif

#include "moor/config/effective.hpp"
#include "moor/config/settings.hpp"
#include "moor/messages/actors.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/messages/type_ids.hpp"
#include "moor/mongo/bson.hpp"
#include "moor/mongo/use.hpp"
#include "moor/runtime/ask.hpp"
#include "moor/runtime/caf_settings.hpp"
#include "moor/runtime/component.hpp"
#include "moor/runtime/load.hpp"
#include "moor/runtime/reload_signal.hpp"
#include "moor/runtime/signals.hpp"
