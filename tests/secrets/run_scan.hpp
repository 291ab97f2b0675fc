// The scan of a whole run of ctest for what its tests planted.
#pragma once

#include <filesystem>
#include <istream>
#include <set>
#include <string>
#include <vector>

namespace moor::test {

/// What a run left behind.
struct run_findings {
  std::vector<std::string> plants; ///< "FILE:LINE: which plant, and in the output of which test"
  std::set<std::string> ran;       ///< tests whose output was read
  std::set<std::string> planting;  ///< those of them that said they planted
  std::size_t lines = 0;
  std::size_t files = 0;
};

/// Reads the record of a run as ctest writes it: the whole output of each test under its name.
void scan_record(std::istream& record, const std::string& name, run_findings& found);

/// Reads every file below that folder, which may not be there: then none was made.
void scan_files(const std::filesystem::path& folder, run_findings& found);

/// Why the run does not show that nothing came out; empty if it does. `expected` are all tests that
/// plant: those that ran must have said so, and one must have run.
std::vector<std::string> problems_of(const run_findings& found,
                                     const std::vector<std::string>& expected);

} // namespace moor::test
