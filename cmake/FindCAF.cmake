# Finds the C++ Actor Framework 0.17, which Debian ships without a CMake package.
#
#   find_package(CAF [version] [REQUIRED])
#
# Finds its core alone, which is all that moor uses. Defines CAF_VERSION, CAF_INCLUDE_DIR and the
# imported target CAF::core. If CAF_ROOT is set, it looks there and nowhere else.
include(FindPackageHandleStandardArgs)

set(caf_places "")
set(caf_advice "Debian 12 has CAF 0.17.6 in one package: apt-get install libcaf-dev")
if(CAF_ROOT)
  set(caf_places PATHS ${CAF_ROOT} PATH_SUFFIXES include lib NO_DEFAULT_PATH)
  set(caf_advice "CAF_ROOT is ${CAF_ROOT}")
endif()

find_path(CAF_INCLUDE_DIR caf/config.hpp ${caf_places})
mark_as_advanced(CAF_INCLUDE_DIR)

if(CAF_INCLUDE_DIR)
  # The version is one number: 1706 is 0.17.6.
  file(STRINGS ${CAF_INCLUDE_DIR}/caf/config.hpp caf_version_line
       REGEX "#define CAF_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" caf_version_number "${caf_version_line}")
  if(caf_version_number)
    math(EXPR caf_major "${caf_version_number} / 10000")
    math(EXPR caf_minor "${caf_version_number} / 100 % 100")
    math(EXPR caf_patch "${caf_version_number} % 100")
    set(CAF_VERSION ${caf_major}.${caf_minor}.${caf_patch})
  endif()
endif()

find_library(CAF_core_LIBRARY caf_core ${caf_places})
mark_as_advanced(CAF_core_LIBRARY)

find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_INCLUDE_DIR CAF_core_LIBRARY
  VERSION_VAR CAF_VERSION
  HANDLE_VERSION_RANGE
  REASON_FAILURE_MESSAGE "${caf_advice}")

if(CAF_FOUND AND NOT TARGET CAF::core)
  find_package(Threads REQUIRED)
  add_library(CAF::core UNKNOWN IMPORTED)
  set_target_properties(CAF::core PROPERTIES
    IMPORTED_LOCATION ${CAF_core_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
