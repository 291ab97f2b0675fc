// Connections to the embedded server, as the tests of this folder need them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>

#include <caf/test/unit_test.hpp>

#include "moor/mongo/bson.hpp"
#include "moor/mongo/driver.hpp"
#include "support/embedded_server.hpp"
#include "support/patience.hpp"

namespace moor::test {

inline settings settings_with(std::string uri) {
  settings result;
  result.uri = std::move(uri);
  result.connect_timeout = forever;
  result.socket_timeout = forever;
  return result;
}

inline std::shared_ptr<mongo::connection> connection_with(const settings& from) {
  auto made = mongo::make_driver(from);
  if (const auto* problem = std::get_if<failure>(&made))
    CAF_FAIL(problem->text);
  return std::get<std::shared_ptr<mongo::driver>>(made)->make_connection();
}

inline std::shared_ptr<mongo::connection> established_with(const settings& from) {
  auto result = connection_with(from);
  if (const auto problem = result->establish())
    CAF_FAIL(problem->text);
  return result;
}

inline std::shared_ptr<mongo::connection> established(std::string uri) {
  return established_with(settings_with(std::move(uri)));
}

/// Why a connection cannot be established.
inline failure refusal(const settings& from) {
  const auto problem = connection_with(from)->establish();
  if (!problem)
    CAF_FAIL("the connection was established");
  return *problem;
}

/// The answer to a command as JSON, or the text of its failure.
inline std::string answer(mongo::connection& to, const std::string& command,
                          const std::string& database = "db") {
  const auto got = to.command(database, std::get<document>(mongo::from_json(command)));
  if (const auto* problem = std::get_if<failure>(&got))
    return problem->text;
  return std::get<std::string>(mongo::to_json(std::get<document>(got)));
}

inline failure failure_of(mongo::connection& to, const std::string& command,
                          const std::string& database = "db") {
  const auto got = to.command(database, std::get<document>(mongo::from_json(command)));
  const auto* problem = std::get_if<failure>(&got);
  if (problem == nullptr)
    CAF_FAIL("the command succeeded");
  return *problem;
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

#define CHECK_FAILURE(got, expected_code, expected_reach)                                          \
  do {                                                                                             \
    const failure& seen_failure = (got);                                                           \
    CAF_MESSAGE(seen_failure.text);                                                                \
    CAF_CHECK_EQUAL(to_string(seen_failure.code), to_string(expected_code));                       \
    CAF_CHECK(seen_failure.reach == (expected_reach));                                             \
  } while (false)

} // namespace moor::test
