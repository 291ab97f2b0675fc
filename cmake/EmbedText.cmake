# Makes of the text file IN a C++ source OUT whose function page_source returns it. A line of IN that
# is @NAME@, NAME being that of a CSS or JavaScript file beside it, stands for that file. @nonce@ stays: it is
# filled in when the page is served. Any other mark is an error.
cmake_path(GET IN PARENT_PATH folder)
file(READ ${IN} text)
string(REGEX MATCHALL "@[a-z]+\\.(css|js)@\n" marks "${text}")
foreach(mark IN LISTS marks)
  string(REGEX REPLACE "[@\n]" "" name ${mark})
  file(READ ${folder}/${name} part)
  string(REPLACE "${mark}" "${part}" text "${text}")
endforeach()
string(REPLACE "@nonce@" "" rest "${text}")
if(rest MATCHES "@[^@ \n]*@|@[A-Za-z0-9_-]+\\.(css|js)")
  message(FATAL_ERROR "${IN}, or a part of it, holds the mark '${CMAKE_MATCH_0}', which stands for nothing. "
                      "Allowed is @nonce@, and @NAME@ on a line of its own for a file NAME beside it whose "
                      "name is small letters and .css or .js.")
endif()
string(FIND "${text}" ")moor\"" end)
if(NOT end EQUAL -1)
  message(FATAL_ERROR "${IN} holds the end mark of the literal that it becomes.")
endif()
file(WRITE ${OUT} "// Made from a page of the sources by cmake/EmbedText.cmake.
#include \"moor/runtime/http/live_page.hpp\"

namespace moor::http {

std::string_view page_source() noexcept {
  return R\"moor(${text})moor\";
}

} // namespace moor::http
")
