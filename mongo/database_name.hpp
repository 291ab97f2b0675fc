// The names that a database may have.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace moor::mongo {

/// Why no database can be called `name`, or nothing. A server might take a wrong one for a part of
/// another name, or close the connection. (MongoDB manual, "Naming Restrictions")
std::optional<std::string> database_name_problem(std::string_view name);

} // namespace moor::mongo
