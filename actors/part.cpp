#include "moor/actors/part.hpp"

#include <caf/sec.hpp>

namespace moor::actors {

caf::error error_of(const std::exception_ptr& what) {
  try {
    std::rethrow_exception(what);
  } catch (const std::exception& e) {
    return caf::make_error(caf::sec::runtime_error, e.what());
  } catch (...) {
    return caf::make_error(caf::sec::runtime_error, "an exception of unknown type");
  }
}

} // namespace moor::actors
