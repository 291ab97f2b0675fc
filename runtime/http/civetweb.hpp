// civetweb's interface, be it moor's own (own_civetweb.c) or the system's.
#pragma once

#ifdef MOOR_OWN_CIVETWEB
#define mg_check_feature moor_mg_check_feature
#define mg_disable_connection_keep_alive moor_mg_disable_connection_keep_alive
#define mg_get_header moor_mg_get_header
#define mg_get_request_info moor_mg_get_request_info
#define mg_get_server_ports moor_mg_get_server_ports
#define mg_get_user_connection_data moor_mg_get_user_connection_data
#define mg_get_user_context_data moor_mg_get_user_context_data
#define mg_init_library moor_mg_init_library
#define mg_set_user_connection_data moor_mg_set_user_connection_data
#define mg_start moor_mg_start
#define mg_stop moor_mg_stop
#define mg_write moor_mg_write
#endif

#include <civetweb.h>

namespace moor::http {

#ifdef MOOR_OWN_CIVETWEB
extern "C" int moor_mg_socket_of(const mg_connection* of);
extern "C" int moor_mg_waiting(mg_context* at);

/// The visitor's socket; negative if this civetweb does not tell.
inline int socket_of(const mg_connection* of) noexcept {
  return moor_mg_socket_of(of);
}

/// Whether visitors were accepted that have no thread yet, as far as this civetweb tells.
inline bool others_wait(mg_context* at) noexcept {
  return moor_mg_waiting(at) > 0;
}
#else
inline int socket_of(const mg_connection*) noexcept {
  return -1;
}

inline bool others_wait(mg_context*) noexcept {
  return false;
}
#endif

} // namespace moor::http
