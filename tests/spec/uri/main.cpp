// Runs the official tests of connection strings (Connection String, URI Options and Authentication
// specifications) against moor's parser. Exit code: 0 if none failed, 1 if one did, 2 if there was
// nothing to run or a file is not of the format.
#include <cstddef>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "spec/arguments.hpp"
#include "spec/files.hpp"
#include "spec/uri/judge_uri.hpp"
#include "spec/uri/uri_test.hpp"

namespace {

using namespace moor::test::spec;

constexpr auto usage_of_uri
  = "usage: spec_uri DIR\n"
    "Runs every *.json of the test format of connection strings in DIR.\n";

using named_tests = std::pair<std::string, std::vector<uri_test>>;

std::vector<named_tests> tests_in(const std::filesystem::path& directory) {
  std::vector<named_tests> all;
  for (const auto& file : test_files_in(directory))
    try {
      all.emplace_back(file.filename().string(), parse_uri_tests(file));
    } catch (const malformed& e) {
      throw malformed(file.string() + ": " + e.what());
    }
  return all;
}

/// Prints a line for each test that failed, and the sums at the end. True if none failed.
bool run(const std::vector<named_tests>& all) {
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (const auto& [file, tests] : all)
    for (const auto& test : tests) {
      const auto why = judge_uri(test);
      ++(why ? failed : passed);
      if (why)
        std::cout << "FAIL " << file << ", \"" << test.description << "\", " << test.uri << ": "
                  << *why << '\n';
    }
  std::cout << passed << " passed, " << failed << " failed\n";
  return failed == 0;
}

} // namespace

int main(int argc, char** argv) {
  const std::span given{argv, static_cast<std::size_t>(argc)};
  try {
    if (given.size() != 2 || std::string_view{given[1]}.starts_with("-"))
      throw bad_arguments(given.size() < 2 ? "DIR is missing" : "allowed is one DIR and no option");
    return run(tests_in(given[1])) ? 0 : 1;
  } catch (const bad_arguments& e) {
    std::cerr << "spec_uri: " << e.what() << '\n' << usage_of_uri;
  } catch (const std::exception& e) {
    std::cerr << "spec_uri: " << e.what() << '\n';
  }
  return 2;
}
