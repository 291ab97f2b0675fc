// Whether moor reads a connection string as a case of the official tests states.
#pragma once

#include <optional>
#include <string>

#include "spec/uri/uri_test.hpp"

namespace moor::test::spec {

/// Why the case fails; nothing if it passes.
std::optional<std::string> judge_uri(const uri_test& test);

} // namespace moor::test::spec
