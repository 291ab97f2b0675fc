# moor_add_test(NAME name SOURCES source... [LABELS label...] [TIMEOUT seconds] [LIBS library...])
#
# Builds one binary of CAF's unit-test framework, <build>/tests/<name>, and registers it with ctest.
# Labels with a meaning of their own:
#   integration  uses the embedded server: runs beside unit tests, never beside another of its kind
#   tsan-safe    runs no CAF actor, and so says something under ThreadSanitizer with Debian's CAF, too
function(moor_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT" "SOURCES;LABELS;LIBS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_NAME OR NOT arg_SOURCES)
    message(FATAL_ERROR "moor_add_test needs NAME and SOURCES, and got '${ARGV}'.")
  endif()
  if(EXISTS ${PROJECT_SOURCE_DIR}/tests/${arg_NAME})
    message(FATAL_ERROR "A test cannot be called '${arg_NAME}': there is a folder of that name.")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(MOOR_SANITIZE) # many times slower, on a machine that may be stalled
    math(EXPR arg_TIMEOUT "3 * ${arg_TIMEOUT}")
  endif()

  add_executable(${arg_NAME} ${arg_SOURCES})
  set_target_properties(${arg_NAME} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_link_libraries(${arg_NAME} PRIVATE moor_test_main moor_test_support ${arg_LIBS})
  moor_compile_options(${arg_NAME})
  # CAF's templates take twice the time to compile with optimization under a sanitizer, and what they
  # do in a test is little. Tests without actors, some of which go through a million events, have it.
  if(MOOR_SANITIZE AND "tsan-safe" IN_LIST arg_LABELS)
    target_compile_options(${arg_NAME} PRIVATE -O1)
  elseif(MOOR_SANITIZE)
    target_compile_options(${arg_NAME} PRIVATE -O0)
  endif()

  # CAF's own limit of time is a thread, beside which ThreadSanitizer lets no test fork. ctest has one.
  add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} --max-runtime=0)
  # A filter or a build that leaves no suite to run would pass otherwise.
  set_tests_properties(${arg_NAME} PROPERTIES
    LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} FAIL_REGULAR_EXPRESSION "suites: +0")
  if("integration" IN_LIST arg_LABELS)
    set_tests_properties(${arg_NAME} PROPERTIES RESOURCE_LOCK embedded_server)
  endif()
  if("tsan-safe" IN_LIST arg_LABELS)
    add_dependencies(tsan_safe_tests ${arg_NAME})
  endif()
endfunction()

# moor_on_threads(NAME COMMAND...): runs the test of that name once more, as NAME_threads, with the
# commands of its connections on threads. It asks for its lane (tests/support/lane.hpp).
function(moor_on_threads name)
  add_test(NAME ${name}_threads COMMAND ${ARGN})
  foreach(property LABELS TIMEOUT RESOURCE_LOCK RUN_SERIAL FAIL_REGULAR_EXPRESSION)
    get_test_property(${name} ${property} value)
    if(NOT value STREQUAL "NOTFOUND")
      set_tests_properties(${name}_threads PROPERTIES ${property} "${value}")
    endif()
  endforeach()
  set_tests_properties(${name}_threads PROPERTIES ENVIRONMENT MOOR_COMMAND_LANE=threads)
endfunction()

# All that is worth building under ThreadSanitizer with Debian's CAF.
add_custom_target(tsan_safe_tests)

# moor_tests_plant(test...): these use plants (tests/support/plants) as passwords and values. Those
# of them that run in a run of ctest must say so.
function(moor_tests_plant)
  set_property(GLOBAL APPEND PROPERTY MOOR_PLANTING_TESTS ${ARGN})
endfunction()

# moor_all_tests(VARIABLE FOLDER): the names of all tests of that folder and those below, so far.
function(moor_all_tests variable folder)
  get_property(all DIRECTORY ${folder} PROPERTY TESTS)
  get_property(below DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(one IN LISTS below)
    moor_all_tests(more ${one})
    list(APPEND all ${more})
  endforeach()
  set(${variable} ${all} PARENT_SCOPE)
endfunction()
