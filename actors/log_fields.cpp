#include "moor/actors/log_fields.hpp"

#include <algorithm>
#include <chrono>

namespace moor::actors {

std::string quoted(std::string value) {
  std::replace(value.begin(), value.end(), '"', '\'');
  std::replace_if(
    value.begin(), value.end(), [](char c) { return c < ' ' || c > '~' || c == '\\'; }, '_');
  return '"' + value + '"';
}

std::string milliseconds(duration d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

} // namespace moor::actors
