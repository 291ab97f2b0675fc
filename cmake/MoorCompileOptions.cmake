# How moor's own targets are compiled. Nothing here reaches a project that links moor.
set(MOOR_SANITIZE "" CACHE STRING
    "Sanitizers to build with, as in -fsanitize=: 'address,undefined', 'thread', or empty")

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(MOOR_CCACHE ccache)
mark_as_advanced(MOOR_CCACHE)
if(MOOR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths below the checkout count as relative ones, so that another checkout finds what this one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${MOOR_CCACHE})
endif()

set(moor_sanitize_flags "")
if(MOOR_SANITIZE)
  set(moor_sanitize_flags -fsanitize=${MOOR_SANITIZE} -fno-sanitize-recover=all
      -fno-omit-frame-pointer)
  if(MOOR_SANITIZE MATCHES "undefined")
    # CAF 0.17's headers bind references through null pointers in unevaluated places.
    list(APPEND moor_sanitize_flags -fno-sanitize=null)
  endif()
endif()

# Optimized builds are hardened (docs/security.md); sanitizers check more, and stand alone.
option(MOOR_HARDEN "Harden optimized builds" ON)
set(moor_harden_flags "")
set(moor_harden_link_flags "")
if(MOOR_HARDEN AND NOT MOOR_SANITIZE)
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES CXX)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  # The system's compiler may define another level of _FORTIFY_SOURCE.
  set(moor_harden_flags -fstack-protector-strong -fstack-clash-protection
      $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    list(APPEND moor_harden_flags -fcf-protection)
  endif()
  set(moor_harden_link_flags LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
endif()

# moor_compile_options(<target>): warnings are errors, sanitizers and hardening as configured.
function(moor_compile_options target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
    ${moor_sanitize_flags} ${moor_harden_flags})
  target_link_options(${target} PRIVATE ${moor_sanitize_flags} ${moor_harden_link_flags})
endfunction()
