// A BSON document as a value that actors can send to each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace moor {

/// One BSON document in its binary form. A plain value: any thread, copied with its bytes.
/// Its bytes are checked when a connection uses it, not before; `mongo/bson.hpp` makes and reads
/// it.
struct document {
  std::vector<std::uint8_t> bytes;

  friend bool operator==(const document&, const document&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, document& x) {
  return f(x.bytes);
}

} // namespace moor
