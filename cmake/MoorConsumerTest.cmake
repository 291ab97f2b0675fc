# Builds and runs tests/consumer against an installed moor: by find_package, and by pkg-config; and beside
# another civetweb.
set(consumer_source ${PROJECT_SOURCE_DIR}/tests/consumer)
set(consumer_prefix ${PROJECT_BINARY_DIR}/consumer-prefix)

add_test(NAME consumer_install
         COMMAND ${CMAKE_COMMAND}
           -D BUILD=${PROJECT_BINARY_DIR}
           -D SOURCE=${PROJECT_SOURCE_DIR}
           -D PREFIX=${consumer_prefix}
           -D CTL=${MOOR_BUILD_CTL}
           -P ${CMAKE_CURRENT_LIST_DIR}/InstallForConsumer.cmake)

add_test(NAME consumer_find_package
         COMMAND ${CMAKE_CTEST_COMMAND}
           --build-and-test ${consumer_source} ${PROJECT_BINARY_DIR}/consumer-build
           --build-generator Ninja
           --build-options
             -DCMAKE_PREFIX_PATH=${consumer_prefix}
             -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}
             -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
           --test-command consumer)

add_test(NAME consumer_beside_civetweb
         COMMAND ${PROJECT_BINARY_DIR}/consumer-build/beside_civetweb)

add_test(NAME consumer_pkg_config
         COMMAND sh -ec "
           flags=$(pkg-config --cflags --libs moor)
           ${CMAKE_CXX_COMPILER} -std=c++20 ${consumer_source}/main.cpp -o by-pkg-config $flags
           LD_LIBRARY_PATH=${consumer_prefix}/${CMAKE_INSTALL_LIBDIR} ./by-pkg-config"
         WORKING_DIRECTORY ${PROJECT_BINARY_DIR})

add_test(NAME consumer_names
         COMMAND sh -ec "
           names=$(nm --defined-only --extern-only $<TARGET_FILE:moor>)
           echo \"$names\" | grep -q 'component'
           ! echo \"$names\" | grep ' mg_'")

set_tests_properties(consumer_install PROPERTIES FIXTURES_SETUP installed_moor TIMEOUT 120)
set_tests_properties(consumer_find_package consumer_pkg_config PROPERTIES
  FIXTURES_REQUIRED installed_moor TIMEOUT 300)
set_tests_properties(consumer_find_package PROPERTIES FIXTURES_SETUP built_consumer)
set_tests_properties(consumer_beside_civetweb PROPERTIES FIXTURES_REQUIRED built_consumer TIMEOUT 60)
set_tests_properties(consumer_pkg_config PROPERTIES
  ENVIRONMENT PKG_CONFIG_PATH=${consumer_prefix}/${CMAKE_INSTALL_LIBDIR}/pkgconfig)
