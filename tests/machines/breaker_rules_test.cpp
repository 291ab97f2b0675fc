// Which failures a circuit breaker counts, and that docs/health.md says the same.
#define CAF_SUITE breaker_rules

#include "moor/machines/breaker_rules.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <caf/test/unit_test.hpp>

using namespace moor;
using machines::breaker_verdict;

namespace {

std::vector<errc> all_codes() {
  std::vector<errc> result;
  for (auto code = errc{1}; to_string(code) != "unknown";
       code = static_cast<errc>(static_cast<int>(code) + 1))
    result.push_back(code);
  return result;
}

bool counts(errc code, spoils reach = spoils::nothing) {
  return machines::counts_as_failure({code, reach, 0, "text"});
}

} // namespace

CAF_TEST(what speaks against the server counts however far it reaches) {
  for (const auto code : {errc::connect_failed, errc::connection_lost, errc::operation_timeout,
                          errc::no_suitable_server, errc::server_state_changed,
                          errc::authentication_failed, errc::tls_failed})
    for (const auto reach : {spoils::nothing, spoils::connection, spoils::generation})
      CAF_CHECK(counts(code, reach));
}

CAF_TEST(what speaks against the borrower or moor does not count however far it reaches) {
  for (const auto code :
       {errc::invalid_argument, errc::function_failed, errc::lease_ended, errc::wait_queue_timeout,
        errc::queue_full, errc::pool_cleared, errc::pool_closed, errc::draining, errc::stopped,
        errc::restarted, errc::circuit_open, errc::shed, errc::read_only, errc::revoked})
    for (const auto reach : {spoils::nothing, spoils::connection, spoils::generation})
      CAF_CHECK(!counts(code, reach));
}

CAF_TEST(an error of an operation counts if its connection is spoiled) {
  CAF_CHECK(!counts(errc::operation_failed));
  CAF_CHECK(counts(errc::operation_failed, spoils::connection));
  CAF_CHECK(counts(errc::operation_failed, spoils::generation));
}

CAF_TEST(a code of a newer version is ignored) {
  CAF_CHECK(machines::verdict_on(errc{250}) == breaker_verdict::ignored);
}

CAF_TEST(the documented table has a row for every code and is that of the program) {
  std::ifstream file{MOOR_DOCS_DIR "/health.md"};
  CAF_REQUIRE(file.good());
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto codes = all_codes();
  CAF_CHECK(codes.back() >= errc::stopped);
  std::string expected;
  for (const auto code : codes)
    expected += "| `" + std::string{to_string(code)} + "` | "
                + std::string{to_string(machines::verdict_on(code))} + " |\n";
  const auto rows = text.find("| `" + std::string{to_string(codes.front())} + "` |");
  CAF_REQUIRE_NOT_EQUAL(rows, std::string::npos);
  // What a row says beyond these two columns is for people.
  std::string found;
  for (auto at = rows; text.compare(at, 3, "| `") == 0; at = text.find('\n', at) + 1) {
    const auto second = text.find(" | ", at);
    found += text.substr(at, text.find(" | ", second + 3) - at) + " |\n";
  }
  CAF_CHECK_EQUAL(found, expected);
}
