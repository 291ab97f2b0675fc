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

# moor_compile_options(<target>): warnings are errors, sanitizers as configured.
function(moor_compile_options target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror ${moor_sanitize_flags})
  target_link_options(${target} PRIVATE ${moor_sanitize_flags})
endfunction()
