// The `operations` of a test file.
#pragma once

#include <vector>

#include "spec/fields.hpp"
#include "spec/test_file.hpp"

namespace moor::test::spec {

/// Reads them, and checks what can be known beforehand: operations run in threads that were
/// started, connections are checked in that were labelled. Throws `malformed`.
std::vector<operation> parse_operations(const json& array);

} // namespace moor::test::spec
