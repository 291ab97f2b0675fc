# Lets the sources be included as "moor/<folder>/<file>.hpp" before anything is installed:
# <build>/include/moor/<folder> is a symbolic link to the source folder.
set(MOOR_LAYERS config messages machines mongo actors runtime)
set(MOOR_HEADER_TREE ${PROJECT_BINARY_DIR}/include)

file(MAKE_DIRECTORY ${MOOR_HEADER_TREE}/moor)
# The command-line tool's are written alike, and are not installed.
foreach(layer IN LISTS MOOR_LAYERS ITEMS ctl)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${layer} ${MOOR_HEADER_TREE}/moor/${layer} SYMBOLIC)
endforeach()
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/runtime/moor.hpp ${MOOR_HEADER_TREE}/moor/moor.hpp SYMBOLIC)
