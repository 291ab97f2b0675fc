#include "secrets/run_scan.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include "support/plants.hpp"

namespace moor::test {

namespace {

/// "12/24 Testing: NAME", with which ctest begins what it records of a test.
std::string begun_test(std::string_view line) {
  constexpr std::string_view words = " Testing: ";
  const auto count = line.find_first_not_of("0123456789/");
  return count > 0 && line.substr(std::min(count, line.size())).starts_with(words)
           ? std::string{line.substr(count + words.size())}
           : std::string{};
}

void note(const std::string& file, std::size_t line, const std::string& text,
          const std::string& test, run_findings& found) {
  if (const auto plant = find_plant(text))
    found.plants.push_back(file + ':' + std::to_string(line) + ": " + *plant
                           + (test.empty() ? "" : " (output of " + test + ')'));
}

} // namespace

void scan_record(std::istream& record, const std::string& name, run_findings& found) {
  std::string test;
  std::size_t number = 0;
  for (std::string line; std::getline(record, line); ++found.lines) {
    if (auto next = begun_test(line); !next.empty()) {
      test = std::move(next);
      found.ran.insert(test);
    }
    if (line.find(planting_line) != line.npos)
      found.planting.insert(test);
    note(name, ++number, line, test, found);
  }
}

void scan_files(const std::filesystem::path& folder, run_findings& found) {
  if (!std::filesystem::is_directory(folder))
    return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
    if (!entry.is_regular_file())
      continue;
    std::ifstream in{entry.path(), std::ios::binary};
    if (!in)
      throw std::runtime_error("cannot read " + entry.path().string());
    ++found.files;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line); ++found.lines)
      note(entry.path().string(), ++number, line, {}, found);
  }
}

std::vector<std::string> problems_of(const run_findings& found,
                                     const std::vector<std::string>& expected) {
  auto all = found.plants;
  std::size_t ran = 0;
  for (const auto& test : expected) {
    if (!found.ran.contains(test))
      continue;
    ++ran;
    if (!found.planting.contains(test))
      all.push_back(test
                    + " ran and planted nothing: what it uses as passwords and values must "
                      "come from tests/support/plants");
  }
  if (ran == 0)
    all.emplace_back("no test ran that plants anything: that nothing was found means nothing");
  return all;
}

} // namespace moor::test
