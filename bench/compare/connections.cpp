#include "connections.hpp"

#include <stdexcept>
#include <variant>

#include "moor/messages/errors.hpp"
#include "moor/mongo/driver.hpp"

#include "../warm_pool.hpp"

namespace compare {

std::vector<std::shared_ptr<moor::mongo::connection>> connect_all(const options& what) {
  const auto driver = moor::mongo::make_driver(bench::settings_of({{"uri", what.uri}}));
  if (const auto* why = std::get_if<moor::failure>(&driver))
    throw std::runtime_error{moor::describe(*why)};
  std::vector<std::shared_ptr<moor::mongo::connection>> all;
  for (std::size_t i = 0; i < what.connections; ++i) {
    all.push_back(std::get<std::shared_ptr<moor::mongo::driver>>(driver)->make_connection());
    if (const auto failed = all.back()->establish())
      throw std::runtime_error{moor::describe(*failed)};
  }
  return all;
}

} // namespace compare
