// A directory for the files of one test.
#pragma once

#include <filesystem>

namespace moor::test {

/// An empty directory of its own under the build tree, removed with all it holds at the end of its
/// scope. The constructor throws `std::system_error` if it cannot be made.
class scratch_directory {
public:
  scratch_directory();
  ~scratch_directory();

  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace moor::test
