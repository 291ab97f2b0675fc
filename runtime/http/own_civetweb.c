// The civetweb that is part of moor (cmake/MoorCivetweb.cmake). All of it is static but what moor calls,
// which gets names of moor's own: a program may hold another civetweb beside, and what nobody calls is
// left out. The last two functions tell what civetweb keeps to itself.
#define CIVETWEB_API static
#include "civetweb.c"

#define MOOR_EXPORT(name)                                                                          \
  extern __typeof__(name) moor_##name __attribute__((alias(#name), visibility("hidden")))

MOOR_EXPORT(mg_check_feature);
MOOR_EXPORT(mg_disable_connection_keep_alive);
MOOR_EXPORT(mg_get_header);
MOOR_EXPORT(mg_get_request_info);
MOOR_EXPORT(mg_get_server_ports);
MOOR_EXPORT(mg_get_user_connection_data);
MOOR_EXPORT(mg_get_user_context_data);
MOOR_EXPORT(mg_init_library);
MOOR_EXPORT(mg_set_user_connection_data);
MOOR_EXPORT(mg_start);
MOOR_EXPORT(mg_stop);
MOOR_EXPORT(mg_write);

__attribute__((visibility("hidden"))) int moor_mg_socket_of(const struct mg_connection *of) {
  return of->client.sock;
}

__attribute__((visibility("hidden"))) int moor_mg_waiting(struct mg_context *at) {
  int waiting;
  pthread_mutex_lock(&at->thread_mutex);
  waiting = at->sq_head - at->sq_tail;
  pthread_mutex_unlock(&at->thread_mutex);
  return waiting;
}
