// All that an embedder needs.
#pragma once

#include "moor/config/settings.hpp"
#include "moor/messages/actors.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/messages/type_ids.hpp"
#include "moor/mongo/bson.hpp"
#include "moor/mongo/use.hpp"
#include "moor/runtime/ask.hpp"
#include "moor/runtime/caf_settings.hpp"
#include "moor/runtime/component.hpp"
#include "moor/runtime/signals.hpp"
