#include "support/scratch_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace moor::test {

scratch_directory::scratch_directory() {
  std::filesystem::create_directories(MOOR_TEST_DATA_DIR);
  std::string name = MOOR_TEST_DATA_DIR "/XXXXXX";
  if (mkdtemp(name.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), "cannot create " + name);
  path_ = name;
}

scratch_directory::~scratch_directory() {
  std::error_code ignored; // what cannot be removed stays in the build tree
  std::filesystem::remove_all(path_, ignored);
}

} // namespace moor::test
