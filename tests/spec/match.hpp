// The MATCH function of the test format.
#pragma once

#include <optional>
#include <string>

#include "spec/test_file.hpp"

namespace moor::test::spec {

/// Nothing if `actual` matches `expected`; otherwise the first difference, in words: "at reason:
/// expected "stale", got "idle"". `actual` may be null for a value that is not there.
std::optional<std::string> mismatch(const json& expected, const json* actual);

} // namespace moor::test::spec
