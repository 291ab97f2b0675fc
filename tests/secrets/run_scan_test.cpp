// Whether the scan finds what is there to be found.
#define CAF_SUITE secrets_scan

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "secrets/run_scan.hpp"
#include "support/plants.hpp"
#include "support/scratch_directory.hpp"

using namespace moor::test;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

std::string section(const std::string& test, const std::string& output) {
  return "2/7 Testing: " + test + "\n2/7 Test: " + test + "\nOutput:\n" + output
         + "\n<end of output>\n";
}

run_findings scanned(const std::string& record) {
  run_findings found;
  std::istringstream in{record};
  scan_record(in, "record", found);
  return found;
}

std::string every_character(const std::string& text, const char* format) {
  std::string all;
  for (const char c : text) {
    char one[8];
    std::snprintf(one, sizeof one, format, static_cast<unsigned>(c));
    all += one;
  }
  return all;
}

} // namespace

CAF_TEST(a plant is found however it is written) {
  const auto secret = planted("p@ss\"w\\ord");
  const std::vector<std::pair<std::string, std::string>> ways{
    {"uri=mongodb://x:" + secret + "@db", ""},
    {"ZQ7PLANT-PASS", ""},
    {"mongodb://x:" + percent_encoded(secret) + "@db", ""},
    {every_character(secret, "%%%02X"), "percent-encoded"},
    {every_character(secret, "\\u%04x"), "escaped"},
    {every_character(secret, "\\x%02x"), "escaped"},
    {R"({"password":"zq7plant-p@ss\"w\\ord"})", ""},
    {every_character(secret, "%02x"), "hexadecimal"},
    {every_character(secret, "%02X"), "hexadecimal"}};
  for (const auto& [text, how] : ways) {
    const auto found = find_plant(text);
    CAF_CHECK(found && has(*found, plant_mark) && has(*found, how));
  }
}

CAF_TEST(a plant is found in base64 wherever it begins) {
  for (const auto* user : {"", "a", "ab", "abc", "operator"})
    for (const auto* behind : {"", "-x", "-xy", "-xyz"}) {
      const auto header = "Authorization: Basic "
                          + base64(user + std::string{":"} + std::string{plant_mark} + behind);
      CAF_CHECK(has(find_plant(header).value_or(""), "base64"));
    }
  CAF_CHECK_EQUAL(base64("operator:open sesame"), "b3BlcmF0b3I6b3BlbiBzZXNhbWU=");
  CAF_CHECK_EQUAL(base64("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
}

CAF_TEST(planted numbers are found as integers and as doubles) {
  CAF_CHECK(find_plant("{age: " + std::to_string(planted_number()) + "}"));
  CAF_CHECK(find_plant("{age: " + std::to_string(-planted_number(6)) + "}"));
  char text[40];
  std::snprintf(text, sizeof text, "%.15g", static_cast<double>(planted_number(3)));
  CAF_CHECK(find_plant(text));
  std::snprintf(text, sizeof text, "%.14e", static_cast<double>(planted_number(3)));
  CAF_CHECK(find_plant(text));
}

CAF_TEST(nothing is found where nothing is) {
  for (const auto* text : {"", "%", "%7", "\\u00", "\\x7", "%zz%", "zq7 plant", "mongodb://***@db",
                           "48159263507", "enE3", "1700000000123 481592635074"})
    CAF_CHECK(!find_plant(text));
  CAF_CHECK(!find_plant(std::string(100'000, '%')));
  CAF_CHECK(!find_plant(std::string{planting_line}));
}

CAF_TEST(the record tells file and line and test and plant) {
  const auto found = scanned("Start testing\n" + section("a", "fine")
                             + section("b", "fine\nlogin " + planted("right") + "@db"));
  CAF_CHECK_EQUAL(found.plants,
                  std::vector<std::string>{"record:11: zq7plant-right (output of b)"});
  CAF_CHECK_EQUAL(found.ran.size(), 2u);
  CAF_CHECK(found.planting.empty());
}

CAF_TEST(a run proves something only if tests that plant ran and said so) {
  const auto problems = [](const std::string& record) {
    return problems_of(scanned(record), {"a", "b"});
  };
  const std::string said{planting_line};
  CAF_CHECK(problems(section("a", said) + section("b", said) + section("c", "")).empty());
  CAF_CHECK(problems(section("a", said)).empty()); // b was not chosen to run
  CAF_CHECK(
    has(problems(section("a", said) + section("b", "")).at(0), "b ran and planted nothing"));
  CAF_CHECK(has(problems(section("c", said)).at(0), "no test ran that plants"));
  CAF_CHECK(has(problems("").at(0), "no test ran that plants"));
  CAF_CHECK_EQUAL(problems(section("a", said) + section("b", said + planted("x"))).size(), 1u);
}

CAF_TEST(files are read to the last) {
  const scratch_directory directory;
  const auto deep = directory.path() / "deep" / "deeper";
  std::filesystem::create_directories(deep);
  std::ofstream{directory.path() / "good.txt"} << "fine\n";
  std::ofstream{deep / "bad.prom"} << "up 1\nx{uri=\"" << percent_encoded(planted("value"))
                                   << "\"} 1";
  run_findings found;
  scan_files(directory.path(), found);
  CAF_CHECK_EQUAL(found.files, 2u);
  CAF_REQUIRE_EQUAL(found.plants.size(), 1u);
  CAF_CHECK(has(found.plants[0], "bad.prom:2: zq7plant"));
  scan_files(directory.path() / "not there", found);
  CAF_CHECK_EQUAL(found.files, 2u);
}
