// secrets_scan RECORD ARTIFACTS TEST...
// Whether anything that tests planted shows in what a run of ctest recorded of their output, or in
// what they left in ARTIFACTS. RECORD is the file that ctest writes during the run, and renames at
// its end. TEST... are all that plant.
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "secrets/run_scan.hpp"

using namespace moor::test;

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3) {
    std::cerr << "usage: secrets_scan RECORD ARTIFACTS TEST...\n";
    return 2;
  }
  try {
    std::ifstream record{arguments[0]};
    if (!record) {
      std::cerr << "There is no record " << arguments[0] << ": this is to be run by ctest.\n";
      return 1;
    }
    run_findings found;
    scan_record(record, arguments[0], found);
    scan_files(arguments[1], found);
    const auto problems = problems_of(found, {arguments.begin() + 2, arguments.end()});
    for (const auto& problem : problems)
      std::cerr << problem << '\n';
    std::cout << found.lines << " lines of " << found.ran.size() << " tests and " << found.files
              << " files were read; " << found.planting.size() << " of the tests plant; "
              << found.plants.size() << " plants were found\n";
    return problems.empty() ? 0 : 1;
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
