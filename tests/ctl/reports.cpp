#define CAF_SUITE ctl_reports

#include <chrono>
#include <string>

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "moor/ctl/check.hpp"

using namespace moor::ctl;
using namespace std::chrono_literals;

namespace {

const paint plain{false};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Of a server that answered well.
check_report healthy() {
  check_report report;
  report.settings.settings.value = moor::settings_for(moor::profile::production);
  report.settings.rows = {{"uri", "mongodb://***@db", "environment variable MONGODB_URI", "", true},
                          {"max-pool-size", "7", "the command line", "50", true},
                          {"min-pool-size", "5", "default", "5", false}};
  report.where = target_of("mongodb://u:p@db/?tls=true");
  report.seen.emplace();
  report.seen->address = "db:27017";
  report.seen->steps = {{"resolve", "db:27017", 214us, true}, {"dial", "db:27017", 1250us, true}};
  report.seen->total = 12'480us;
  report.seen->server.emplace();
  report.seen->server->version = "7.0.1";
  report.seen->server->view.set_name = "rs0";
  report.seen->server->view.hosts = {"db:27017"};
  report.seen->server->view.connections_current = {true, 3};
  report.how = verdict(report, true);
  return report;
}

} // namespace

CAF_TEST(the gravest finding is the verdict) {
  auto report = healthy();
  CAF_CHECK(verdict(report, true) == exit_code::fine);
  report.advised = {{"a", false, "A note."}};
  CAF_CHECK(verdict(report, true) == exit_code::fine);
  report.advised.push_back({"b", true, "A warning."});
  CAF_CHECK(verdict(report, false) == exit_code::fine);
  CAF_CHECK(verdict(report, true) == exit_code::warnings);
  report.advised.clear();
  report.settings.remarks = {{false, "uri", "warning: uri has an unknown option."}};
  CAF_CHECK(verdict(report, true) == exit_code::warnings);
  CAF_CHECK(verdict(report, false) == exit_code::fine);
  report.seen->why = moor::failure_of(moor::errc::connect_failed);
  CAF_CHECK(verdict(report, true) == exit_code::cannot_connect);
  report.settings.settings.findings.push_back({});
  CAF_CHECK(verdict(report, true) == exit_code::bad_configuration);
}

CAF_TEST(a report in words) {
  const auto text = as_text(healthy(), plain);
  CAF_MESSAGE(text);
  CAF_CHECK(has(text, "Settings (production profile, 2 of 3 given)\n"));
  CAF_CHECK(has(text, "  max-pool-size  7                 the command line (default 50)\n"));
  CAF_CHECK(!has(text, "min-pool-size"));
  CAF_CHECK(has(text, "Connection to db:27017\n"));
  CAF_CHECK(has(text, "  resolve            0.21 ms\n  dial               1.25 ms\n"));
  CAF_CHECK(has(text, "  in all             12.5 ms\n"));
  CAF_CHECK(has(text, "takes writes, replica set rs0 of 1 member\n"));
  CAF_CHECK(has(text, "3 now, unknown since its start\n"));
  CAF_CHECK(has(text, "unknown, for a pool of at most 50\n"));
  CAF_CHECK(has(text, "The pool can work with these settings.\n"));
  CAF_CHECK(!has(text, "\x1b"));
  CAF_CHECK(has(as_text(healthy(), paint{true}), "\x1b[32mThe pool can work"));
}

CAF_TEST(a step that failed is told from those that went well) {
  auto report = healthy();
  report.seen->steps.push_back({"tls", "other:27017", 3ms, false});
  report.seen->why = moor::failure_of(moor::errc::connect_failed, "no \x1b[2J way");
  report.seen->server.reset();
  report.how = verdict(report, false);
  const auto text = as_text(report, plain);
  CAF_CHECK(has(text, "  tls                3.00 ms  FAILED  other:27017\n"));
  CAF_CHECK(has(text, "  resolve            0.21 ms  db:27017\n"));
  CAF_CHECK(has(text, "connect_failed: no  [2J way"));
  CAF_CHECK(has(text, "The server cannot be used.\n"));
  CAF_CHECK(!has(text, "\nServer\n"));
}

CAF_TEST(a server that was not waited for is no failure) {
  auto report = healthy();
  report.seen->steps.push_back({"dial", "other:27017", 3ms, false});
  CAF_CHECK(
    has(as_text(report, plain), "  dial               3.00 ms  not waited for  other:27017"));
  const auto json = nlohmann::json::parse(as_json(report));
  CAF_CHECK_EQUAL(json["connection"]["steps"][2]["outcome"], "abandoned");
}

CAF_TEST(encryption is shown as it was agreed on) {
  auto report = healthy();
  CAF_CHECK(has(as_text(report, plain), "  encryption      not agreed on\n"));
  report.seen->tls = {"db:27017", "TLSv1.3", "AES", 1'795'737'599};
  CAF_CHECK(
    has(as_text(report, plain), "  encryption      TLSv1.3, AES, certificate until 2026-11-26\n"));
  report.where.tls = false;
  report.seen->tls.reset();
  CAF_CHECK(has(as_text(report, plain), "  encryption      none\n"));
}

CAF_TEST(the same report for programs) {
  auto report = healthy();
  report.advised = {{"no-tls", true, "Text."}};
  const auto json = nlohmann::json::parse(as_json(report));
  CAF_CHECK_EQUAL(json["result"], "fine");
  CAF_CHECK_EQUAL(json["exit_code"], 0);
  CAF_CHECK_EQUAL(json["configuration"]["settings"].size(), 3U);
  CAF_CHECK_EQUAL(json["configuration"]["settings"][1]["value"], "7");
  CAF_CHECK_EQUAL(json["connection"]["steps"][1]["took_ms"], 1.25);
  CAF_CHECK_EQUAL(json["connection"]["steps"][1]["outcome"], "done");
  CAF_CHECK(json["connection"]["failure"].is_null());
  CAF_CHECK(json["connection"]["encryption"].is_null());
  CAF_CHECK_EQUAL(json["server"]["version"], "7.0.1");
  CAF_CHECK_EQUAL(json["server"]["connections_current"], 3);
  CAF_CHECK(json["server"]["head_room"].is_null());
  CAF_CHECK_EQUAL(json["advice"][0]["id"], "no-tls");
}

CAF_TEST(without a connection there is no server) {
  auto report = healthy();
  report.seen.reset();
  report.settings.settings.findings.push_back({});
  report.settings.remarks = {{true, "uri", "uri is required."}};
  report.how = verdict(report, false);
  const auto json = nlohmann::json::parse(as_json(report));
  CAF_CHECK_EQUAL(json["result"], "bad_configuration");
  CAF_CHECK(json["connection"].is_null() && json["server"].is_null());
  CAF_CHECK_EQUAL(json["configuration"]["findings"][0]["severity"], "error");
  const auto text = as_text(report, plain);
  CAF_CHECK(has(text, "  error: uri is required.\n"));
  CAF_CHECK(has(text, "no connection was tried"));
}
