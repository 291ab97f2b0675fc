#include "moor/ctl/answers.hpp"

#include <algorithm>
#include <variant>

#include <nlohmann/json.hpp>

#include "moor/ctl/format.hpp"
#include "moor/mongo/bson.hpp"

namespace moor::ctl {

const document& build_info_command() {
  static const auto body = std::get<document>(mongo::from_json(R"({"buildInfo": 1})"));
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
