# civetweb, the HTTP endpoint's server: compiled into moor from its source, where that is there, and
# otherwise the system's library. (docs/decisions/0016-civetweb-inside.md)
set(MOOR_CIVETWEB_DIR ${PROJECT_SOURCE_DIR}/build/civetweb CACHE PATH
    "Source tree of civetweb 1.15, by default where scripts/setup puts it; without one, moor links the \
system's library, which on Debian 12 has neither TLS nor IPv6")

if(EXISTS ${MOOR_CIVETWEB_DIR}/src/civetweb.c)
  set(MOOR_OWN_CIVETWEB ON)
  if(MOOR_CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
  endif()
  enable_language(C)
else()
  set(MOOR_OWN_CIVETWEB OFF)
  find_package(civetweb REQUIRED)
  message(STATUS "There is no source of civetweb in ${MOOR_CIVETWEB_DIR} (scripts/setup fetches it): "
                 "the HTTP endpoint gets what the system's library has")
endif()

# moor_use_civetweb(target): whichever it is.
function(moor_use_civetweb target)
  if(NOT MOOR_OWN_CIVETWEB)
    target_link_libraries(${target} PRIVATE civetweb::civetweb)
    return()
  endif()
  set(part ${PROJECT_SOURCE_DIR}/runtime/http/own_civetweb.c)
  target_sources(${target} PRIVATE ${part})
  target_compile_definitions(${target} PRIVATE MOOR_OWN_CIVETWEB)
  target_include_directories(${target} SYSTEM PRIVATE ${MOOR_CIVETWEB_DIR}/include)
  # OpenSSL 3, linked and not loaded; IPv6; nothing that serves files or starts programs. Its warnings
  # are not ours to mend. What reads from the network is hardened, whatever the flags for C are. Its stop
  # flag is a volatile int, as in the system's library, which ThreadSanitizer does not look into either.
  set(hardening -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  set_source_files_properties(${part} TARGET_DIRECTORY ${target} PROPERTIES
    INCLUDE_DIRECTORIES ${MOOR_CIVETWEB_DIR}/src
    COMPILE_DEFINITIONS "OPENSSL_API_3_0;NO_SSL_DL;USE_IPV6;NO_FILES;NO_CGI;NO_CACHING"
    COMPILE_OPTIONS "-w;-fno-sanitize=thread;$<$<NOT:$<CONFIG:Debug>>:${hardening}>")
endfunction()
