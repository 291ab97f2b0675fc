// The test files of a folder.
#pragma once

#include <filesystem>
#include <vector>

namespace moor::test::spec {

/// The *.json of a folder, sorted. Throws `bad_arguments` if there is no such folder or it has
/// none.
std::vector<std::filesystem::path> test_files_in(const std::filesystem::path& directory);

} // namespace moor::test::spec
