# What `cmake --install` puts where: headers, library, CMake package and pkg-config file.
include(CMakePackageConfigHelpers)

foreach(layer IN LISTS MOOR_LAYERS)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${layer}
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/moor
          FILES_MATCHING PATTERN "*.hpp" REGEX "/runtime/moor\\.hpp$" EXCLUDE)
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/runtime/moor.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/moor)
if(MOOR_BUILD_CTL)
  install(TARGETS moorctl)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/ctl/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
          FILES_MATCHING PATTERN "*.1")
endif()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(MOOR_OWN_CIVETWEB)
  install(FILES ${MOOR_CIVETWEB_DIR}/LICENSE.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME LICENSE.civetweb.md)
endif()

set(moor_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/moor)
install(TARGETS moor EXPORT moorTargets)
install(EXPORT moorTargets NAMESPACE moor:: DESTINATION ${moor_cmake_dir})
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/moorConfig.cmake.in ${PROJECT_BINARY_DIR}/package/moorConfig.cmake
  INSTALL_DESTINATION ${moor_cmake_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/package/moorConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/package/moorConfig.cmake
  ${PROJECT_BINARY_DIR}/package/moorConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindCAF.cmake
  DESTINATION ${moor_cmake_dir})

# pkg-config looks the prefix up from where moor.pc lies, so the tree may be moved.
set(moor_pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}/${moor_pc_dir}
           OUTPUT_VARIABLE moor_pc_to_prefix)
set(moor_pc_requires "libmongoc-1.0 >= 1.23")
set(moor_pc_requires_private "libssl >= 3, libcrypto >= 3, prometheus-cpp-core, spdlog")
set(moor_pc_libs "")
# These come without a file for pkg-config.
set(moor_pc_libs_private " -lboost_context")
if(NOT MOOR_OWN_CIVETWEB)
  string(APPEND moor_pc_libs_private " -lcivetweb")
endif()
if(NOT BUILD_SHARED_LIBS)
  # Who links the archive links what it uses inside.
  string(APPEND moor_pc_requires ", ${moor_pc_requires_private}")
  set(moor_pc_requires_private "")
  set(moor_pc_libs "${moor_pc_libs_private}")
  set(moor_pc_libs_private "")
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/moor.pc.in ${PROJECT_BINARY_DIR}/package/moor.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/moor.pc DESTINATION ${moor_pc_dir})
