// The civetweb that is part of moor (cmake/MoorCivetweb.cmake). All of it is static but what moor calls,
// which gets names of moor's own: a program may hold another civetweb beside, and what nobody calls is
// left out.
#define CIVETWEB_API static
#include "civetweb.c"

#define MOOR_EXPORT(name)                                                                          \
  extern __typeof__(name) moor_##name __attribute__((alias(#name), visibility("hidden")))

MOOR_EXPORT(mg_check_feature);
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
