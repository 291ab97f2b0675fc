#define CAF_SUITE component_log

#include <caf/test/unit_test.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <mongoc/mongoc.h>

#include <string>
#include <vector>

#include "moor/mongo/library.hpp"
#include "moor/moor.hpp"

using namespace moor;

CAF_TEST(what libmongoc warns of goes to the log of the latest component until one is gone) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::vector<std::string> lines;
  const auto log = [&lines](const std::string& line) { lines.push_back(line); };
  mongo::initialize_library();
  {
    const component first{system, {.log = [](const std::string&) {}, .make_driver = {}}};
    const component second{system, {.log = log, .make_driver = {}}};
    mongoc_log(MONGOC_LOG_LEVEL_WARNING, "part", "odd value \"%s\"", "secret");
    mongoc_log(MONGOC_LOG_LEVEL_INFO, "part", "not worth a line");
  }
  mongoc_log(MONGOC_LOG_LEVEL_WARNING, "part", "to standard error");
  const std::vector<std::string> expected{"event=driver_warning part=part text=\"odd value ***\""};
  CAF_CHECK(lines == expected);
}
