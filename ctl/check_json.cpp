// The report of a check, for programs.
#include <nlohmann/json.hpp>

#include "moor/ctl/check.hpp"
#include "moor/ctl/json.hpp"
#include "moor/ctl/version.hpp"

namespace moor::ctl {

namespace {

using nlohmann::json;

std::string_view name_of(exit_code how) noexcept {
  switch (how) {
    case exit_code::fine: return "fine";
    case exit_code::cannot_connect: return "cannot_connect";
    case exit_code::usage: return "usage";
    case exit_code::bad_configuration: return "bad_configuration";
    case exit_code::warnings: return "warnings";
    case exit_code::cannot_write: return "cannot_write";
  }
  return "";
}

json json_of(const failure& why) {
  return {{"code", to_string(why.code)},
          {"cause", to_string(why.cause)},
          {"server_code", why.driver_code},
          {"text", why.text}};
}

json json_of(const maybe_count& count) {
  return count ? json(*count) : json(nullptr);
}

json json_of(const mongo::tls_facts& facts) {
  const auto& expires = facts.certificate_expires;
  return {{"server", facts.server},
          {"version", facts.version},
          {"cipher", facts.cipher},
          {"certificate_expires_unix", expires ? json(*expires) : json(nullptr)}};
}

json connection_of(const check_report& report) {
  const auto& seen = *report.seen;
  auto steps = json::array();
  for (const auto& one : seen.steps)
    steps.push_back({{"step", one.name},
                     {"server", one.server},
                     {"took_ms", in_ms(one.took)},
                     {"outcome", one.done   ? "done"
                                 : seen.why ? "failed"
                                            : "abandoned"}});
  return {{"address", seen.address},
          {"tls", report.where.tls},
          {"encryption", seen.tls ? json_of(*seen.tls) : json(nullptr)},
          {"credentials", report.where.credentials},
          {"steps", std::move(steps)},
          {"total_ms", in_ms(seen.total)},
          {"failure", seen.why ? json_of(*seen.why) : json(nullptr)}};
}

json server_of(const check_report& report) {
  const auto& server = *report.seen->server;
  const auto& view = server.view;
  return {{"version", server.version},
          {"writable", view.writable && !report.seen->read_only},
          {"set_name", view.set_name},
          {"primary", view.primary},
          {"hosts", view.hosts},
          {"round_trip_ms", in_ms(view.round_trip)},
          {"connections_current", json_of(view.connections_current)},
          {"connections_total_created", json_of(view.connections_total_created)},
          {"head_room", json_of(connections_left(view))},
          {"max_pool_size", report.settings.settings.value.max_pool_size}};
}

json advice_of(const std::vector<advice>& all) {
  auto result = json::array();
  for (const auto& one : all)
    result.push_back(
      {{"id", one.id}, {"severity", one.is_warning ? "warning" : "note"}, {"text", one.text}});
  return result;
}

} // namespace

std::string as_json(const check_report& report) {
  const bool tried = report.seen.has_value();
  return line_of({{"moorctl", version},
                  {"result", name_of(report.how)},
                  {"exit_code", static_cast<int>(report.how)},
                  {"configuration", ctl::json_of(report.settings, false)},
                  {"connection", tried ? connection_of(report) : json(nullptr)},
                  {"server", tried && report.seen->server ? server_of(report) : json(nullptr)},
                  {"advice", advice_of(report.advised)}});
}

} // namespace moor::ctl
