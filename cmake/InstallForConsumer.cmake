# Installs BUILD into PREFIX by way of another place, so that what is tested is a tree that was
# moved, and fails if anything for embedders in it still knows the BUILD or SOURCE directory.
set(elsewhere ${PREFIX}.elsewhere)
file(REMOVE_RECURSE ${PREFIX} ${elsewhere})

execute_process(
  COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${elsewhere}
  OUTPUT_QUIET
  COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${elsewhere} ${PREFIX})

file(GLOB_RECURSE installed ${PREFIX}/*.cmake ${PREFIX}/*.pc ${PREFIX}/*.hpp)
foreach(file IN LISTS installed)
  file(READ ${file} text)
  foreach(place IN ITEMS ${elsewhere} ${BUILD} ${SOURCE})
    string(FIND "${text}" ${place} found)
    if(NOT found EQUAL -1)
      message(SEND_ERROR "${file} mentions ${place}: the installed tree cannot be moved.")
    endif()
  endforeach()
endforeach()
if(CTL)
  execute_process(COMMAND ${PREFIX}/bin/moorctl --version OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  foreach(page IN ITEMS moorctl moorctl-check moorctl-config moorctl-top)
    if(NOT EXISTS ${PREFIX}/share/man/man1/${page}.1)
      message(SEND_ERROR "The manual page ${page}(1) was not installed.")
    endif()
  endforeach()
endif()
if(NOT EXISTS ${PREFIX}/include/moor/moor.hpp)
  message(SEND_ERROR "include/moor/moor.hpp was not installed.")
endif()
