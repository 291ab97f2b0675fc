#include "moor/ctl/answers.hpp"

#include <algorithm>
#include <variant>

#include <nlohmann/json.hpp>

#include "moor/ctl/format.hpp"
#include "moor/mongo/bson.hpp"

namespace moor::ctl {

namespace {

document made_of(const char* json) {
  return std::get<document>(mongo::from_json(json));
}

} // namespace

const document& build_info_command() {
  static const auto body = made_of(R"({"buildInfo": 1})");
  return body;
}

const document& hello_command() {
  static const auto body = made_of(R"({"hello": 1})");
  return body;
}

std::string version_in(const document& answer) {
  constexpr std::size_t longest = 40;
  const auto text = mongo::to_json(answer);
  if (!std::holds_alternative<std::string>(text))
    return {};
  const auto fields = nlohmann::json::parse(std::get<std::string>(text), nullptr, false);
  if (!fields.is_object() || !fields.contains("version") || !fields["version"].is_string())
    return {};
  return harmless(fields["version"].get<std::string>().substr(0, longest));
}

} // namespace moor::ctl
