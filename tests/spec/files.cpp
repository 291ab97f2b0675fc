#include "spec/files.hpp"

#include <algorithm>
#include <system_error>

#include "spec/arguments.hpp"

namespace moor::test::spec {

std::vector<std::filesystem::path> test_files_in(const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator i{directory, error}, end; !error && i != end;
       i.increment(error))
    if (i->path().extension() == ".json")
      files.push_back(i->path());
  if (error)
    throw bad_arguments("cannot read " + directory.string() + ": " + error.message());
  if (files.empty())
    throw bad_arguments("there is no *.json in " + directory.string());
  std::sort(files.begin(), files.end());
  return files;
}

} // namespace moor::test::spec
