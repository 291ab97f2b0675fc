#include "moor/messages/call_site.hpp"

#include <string_view>

namespace moor {

std::string to_string(const call_site& where) {
  if (where.line == 0)
    return {};
  std::string_view file{where.file};
  file.remove_prefix(file.rfind('/') + 1); // all of it is kept if there is none
  return std::string{file} + ':' + std::to_string(where.line) + " (" + where.function + ')';
}

} // namespace moor
