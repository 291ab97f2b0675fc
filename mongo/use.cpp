#include "moor/mongo/use.hpp"

#include "moor/mongo/translate.hpp"

namespace moor::mongo {

void check(bool ok, const _bson_error_t& error) {
  if (!ok)
    throw mongo::error{translate(error, {})};
}

} // namespace moor::mongo
