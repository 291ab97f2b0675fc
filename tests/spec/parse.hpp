// From the text of a test file to its operations and expectations.
#pragma once

#include <filesystem>
#include <string>

#include "spec/fields.hpp"
#include "spec/test_file.hpp"

namespace moor::test::spec {

/// Reads a file of version 1 of the format ("Connection Monitoring and Pooling (CMAP) Unit and
/// Integration Tests"). Whatever it does not know, it refuses: throws `malformed`.
test_file parse_test_file(const std::filesystem::path& file);

/// The same of a file's text.
test_file parse_test_text(const std::string& text);

} // namespace moor::test::spec
