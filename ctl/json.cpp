#include "moor/ctl/json.hpp"

#include <chrono>

#include <nlohmann/json.hpp>

namespace moor::ctl {

using nlohmann::json;

double in_ms(duration span) {
  return std::chrono::duration<double, std::milli>{span}.count();
}

json json_of(const configuration& from, bool given_only) {
  auto rows = json::array();
  for (const auto& one : from.rows)
    if (one.given || !given_only)
      rows.push_back({{"key", one.key},
                      {"value", one.refused ? json(nullptr) : json(one.value)},
                      {"place", one.place},
                      {"default", one.default_value},
                      {"given", one.given},
                      {"refused", one.refused}});
  auto findings = json::array();
  for (const auto& one : from.remarks)
    findings.push_back({{"severity", one.is_error ? "error" : "warning"},
                        {"subject", one.subject},
                        {"text", one.text}});
  return {{"profile", to_string(from.settings.value.profile)},
          {"settings", std::move(rows)},
          {"findings", std::move(findings)}};
}

std::string line_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace moor::ctl
