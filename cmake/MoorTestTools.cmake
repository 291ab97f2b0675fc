# Programs that only tests need; `scripts/setup tests` installs them. Where one is missing, either the
# build cannot be configured (MOOR_REQUIRE_TEST_TOOLS, which make sets wherever it builds tests) or the
# tests that need it are registered as disabled: ctest lists them as not run.
option(MOOR_REQUIRE_TEST_TOOLS "Fail if a program that tests need is missing" OFF)

# moor_find_test_tool(VARIABLE PROGRAM WHAT): VARIABLE is the program's path, or false. WHAT is tested
# with it, for the message.
function(moor_find_test_tool variable program what)
  # One that was removed since.
  if(${variable} AND NOT EXISTS ${${variable}})
    unset(${variable} CACHE)
  endif()
  # Where scripts/setup puts what it does not install, and then PATH.
  find_program(${variable} ${program} HINTS ${PROJECT_SOURCE_DIR}/build/prometheus/usr/bin)
  mark_as_advanced(${variable})
  if(${variable})
    return()
  endif()
  if(MOOR_REQUIRE_TEST_TOOLS)
    message(FATAL_ERROR "${program} is missing, without which ${what} cannot be tested: "
                        "run scripts/setup tests.")
  endif()
  message(STATUS "${program} is missing (scripts/setup tests installs it): ${what} will not be tested")
endfunction()

# moor_disable_tests_without(VARIABLE... TESTS test...): those tests need all of these programs.
function(moor_disable_tests_without)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "TESTS")
  foreach(variable IN LISTS arg_UNPARSED_ARGUMENTS)
    if(NOT ${variable})
      set_tests_properties(${arg_TESTS} PROPERTIES DISABLED TRUE)
    endif()
  endforeach()
endfunction()
