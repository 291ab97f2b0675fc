// The messages that may cross to another node, registered with CAF by
// `config.add_message_types<caf::id_block::moor>()` (see runtime/caf_settings.hpp).
#pragma once

#include <caf/type_id.hpp>

#include "moor/messages/actors.hpp"

// Far above CAF's first_custom_type_id, where an embedding backend's own block begins.
CAF_BEGIN_TYPE_ID_BLOCK(moor, caf::first_custom_type_id + 10'000)

CAF_ADD_TYPE_ID(moor, (moor::acquire))
CAF_ADD_TYPE_ID(moor, (moor::breaker_figures))
CAF_ADD_TYPE_ID(moor, (moor::call_site))
CAF_ADD_TYPE_ID(moor, (moor::clear))
CAF_ADD_TYPE_ID(moor, (moor::close_pool))
CAF_ADD_TYPE_ID(moor, (moor::command))
CAF_ADD_TYPE_ID(moor, (moor::document))
CAF_ADD_TYPE_ID(moor, (moor::drain))
CAF_ADD_TYPE_ID(moor, (moor::drained))
CAF_ADD_TYPE_ID(moor, (moor::duration_figures))
CAF_ADD_TYPE_ID(moor, (moor::extend_lease))
CAF_ADD_TYPE_ID(moor, (moor::failure))
CAF_ADD_TYPE_ID(moor, (moor::get_breaker))
CAF_ADD_TYPE_ID(moor, (moor::get_health))
CAF_ADD_TYPE_ID(moor, (moor::get_leaks))
CAF_ADD_TYPE_ID(moor, (moor::get_leases))
CAF_ADD_TYPE_ID(moor, (moor::get_operations))
CAF_ADD_TYPE_ID(moor, (moor::get_stats))
CAF_ADD_TYPE_ID(moor, (moor::health_change))
CAF_ADD_TYPE_ID(moor, (moor::health_changed))
CAF_ADD_TYPE_ID(moor, (moor::health_history))
CAF_ADD_TYPE_ID(moor, (moor::health_report))
CAF_ADD_TYPE_ID(moor, (moor::is_healthy))
CAF_ADD_TYPE_ID(moor, (moor::leak))
CAF_ADD_TYPE_ID(moor, (moor::leaks_report))
CAF_ADD_TYPE_ID(moor, (moor::lease_overdue))
CAF_ADD_TYPE_ID(moor, (moor::lease_record))
CAF_ADD_TYPE_ID(moor, (moor::leases_report))
CAF_ADD_TYPE_ID(moor, (moor::maybe_count))
CAF_ADD_TYPE_ID(moor, (moor::operation_figures))
CAF_ADD_TYPE_ID(moor, (moor::operations_report))
CAF_ADD_TYPE_ID(moor, (moor::pool_event))
CAF_ADD_TYPE_ID(moor, (moor::pool_events))
CAF_ADD_TYPE_ID(moor, (moor::pool_stats))
CAF_ADD_TYPE_ID(moor, (moor::request_options))
CAF_ADD_TYPE_ID(moor, (moor::server_view))
CAF_ADD_TYPE_ID(moor, (moor::set_breaker))
CAF_ADD_TYPE_ID(moor, (moor::slow_command))
CAF_ADD_TYPE_ID(moor, (moor::slow_command_note))
CAF_ADD_TYPE_ID(moor, (moor::subscribe))
CAF_ADD_TYPE_ID(moor, (moor::subscribe_health))
CAF_ADD_TYPE_ID(moor, (moor::unsubscribe))
CAF_ADD_TYPE_ID(moor, (moor::unsubscribe_health))
CAF_ADD_TYPE_ID(moor, (moor::warm))
CAF_ADD_TYPE_ID(moor, (moor::warmed))

CAF_END_TYPE_ID_BLOCK(moor)
