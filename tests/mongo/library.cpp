#define CAF_SUITE mongo_library

#include "moor/mongo/library.hpp"

#include <string>
#include <thread>
#include <vector>

#include <caf/test/unit_test.hpp>

#include "moor/mongo/handles.hpp"
#include "support/plants.hpp"

using namespace moor::mongo;

namespace {

struct fixture {
  std::vector<std::string> lines;

  fixture() {
    initialize_library();
    set_log_sink([this](log_level level, std::string_view part, const std::string& text) {
      lines.push_back(std::to_string(static_cast<int>(level)) + " " + std::string{part} + " "
                      + text);
    });
  }
  ~fixture() { set_log_sink({}); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(library_tests, fixture)

CAF_TEST(lines of the log go to the sink without their values) {
  mongoc_log(MONGOC_LOG_LEVEL_WARNING, "part", "odd value \"%s\"",
             moor::test::planted("value").c_str());
  mongoc_log(MONGOC_LOG_LEVEL_DEBUG, "part", "it can't");
  const std::vector<std::string> expected{"2 part odd value ***", "5 part it can't"};
  CAF_CHECK(lines == expected);
}

CAF_TEST(names of options are kept) {
  mongoc_log(MONGOC_LOG_LEVEL_WARNING, "uri", "Unsupported URI option \"%s\"", "foo");
  CAF_CHECK_EQUAL(lines.back(), "2 uri Unsupported URI option \"foo\"");
}

CAF_TEST(the usual end of an interrupted client is not worth a line) {
  mongoc_log(MONGOC_LOG_LEVEL_WARNING, "client", "Couldn't send \"endSessions\": %s", "x");
  CAF_CHECK(lines.empty());
}

CAF_TEST(the sink may be replaced while others log) {
  std::thread other{[] {
    for (int i = 0; i < 1000; ++i)
      mongoc_log(MONGOC_LOG_LEVEL_DEBUG, "part", "line");
  }};
  for (int i = 0; i < 1000; ++i)
    set_log_sink([](log_level, std::string_view, const std::string&) {});
  other.join();
}

CAF_TEST_FIXTURE_SCOPE_END()
