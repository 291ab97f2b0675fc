// "Any value" in the test format.
#pragma once

#include <nlohmann/json.hpp>

namespace moor::test::spec {

/// 42 and "42" stand for any value that is there.
inline bool is_wildcard(const nlohmann::ordered_json& expected) {
  return expected == 42 || expected == "42";
}

} // namespace moor::test::spec
