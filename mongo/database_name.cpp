#include "moor/mongo/database_name.hpp"

namespace moor::mongo {

std::optional<std::string> database_name_problem(std::string_view name) {
  using namespace std::string_view_literals;
  constexpr std::size_t longest = 63;
  if (name.empty())
    return "the database name is empty; it must have 1 to 63 bytes";
  if (name.size() > longest)
    return "the database name has " + std::to_string(name.size()) + " bytes; it must have 1 to 63";
  if (name != "$external" && name.find_first_of("/\\. \"$\0"sv) != name.npos)
    return "the database name must hold none of / \\ . space \" $ and the zero byte";
  return std::nullopt;
}

} // namespace moor::mongo
