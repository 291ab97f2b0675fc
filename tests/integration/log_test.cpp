#define CAF_SUITE component_log

#include <caf/test/unit_test.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <mongoc/mongoc.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "moor/mongo/library.hpp"
#include "moor/moor.hpp"
#include "support/plants.hpp"

using namespace moor;

CAF_TEST(what libmongoc warns of goes to the log of the latest component until one is gone) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::vector<std::string> lines;
  const auto log = [&lines](log_level, const std::string& line) { lines.push_back(line); };
  mongo::initialize_library();
  {
    const component first{system,
                          {.log = {[](log_level, const std::string&) {}}, .make_driver = {}}};
    const component second{system, {.log = {log}, .make_driver = {}}};
    mongoc_log(MONGOC_LOG_LEVEL_WARNING, "part", "odd value \"%s\"",
               test::planted("value").c_str());
    mongoc_log(MONGOC_LOG_LEVEL_INFO, "part", "not worth a line");
  }
  mongoc_log(MONGOC_LOG_LEVEL_WARNING, "part", "to standard error");
  const std::vector<std::string> expected{"event=driver_warning part=part text=\"odd value ***\""};
  CAF_CHECK(lines == expected);
}

CAF_TEST(lines go to spdlog with their levels) {
  std::ostringstream out;
  const auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out);
  const auto logger = std::make_shared<spdlog::logger>("moor", sink);
  logger->set_pattern("%l %v");
  spdlog::drop("moor");
  spdlog::register_logger(logger);
  const auto log = log_to_spdlog();
  log(log_level::debug, "not wanted");
  log(log_level::info, "a");
  log(log_level::warning, "b");
  log(log_level::error, "c");
  logger->set_level(spdlog::level::debug);
  log_to_spdlog()(log_level::debug, "d");
  spdlog::drop("moor");
  CAF_CHECK_EQUAL(out.str(), "info a\nwarning b\nerror c\ndebug d\n");
}
