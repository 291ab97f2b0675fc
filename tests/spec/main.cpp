// Runs the official tests of connection pools (Connection Monitoring and Pooling specification)
// against moor's pool. Exit code: 0 if none failed, 1 if one did, 2 if there was nothing to run.
#include <exception>
#include <iostream>

#include "spec/arguments.hpp"
#include "spec/files.hpp"
#include "spec/suite.hpp"

int main(int argc, char** argv) {
  using namespace moor::test::spec;
  try {
    const auto given = parse_arguments(argc, argv);
    const auto files = test_files_in(given.directory);
    return suite{given, std::cout}.run(files) ? 0 : 1;
  } catch (const bad_arguments& e) {
    std::cerr << "spec_cmap: " << e.what() << '\n' << usage;
  } catch (const std::exception& e) {
    std::cerr << "spec_cmap: " << e.what() << '\n';
  }
  return 2;
}
