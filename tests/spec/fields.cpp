#include "spec/fields.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace moor::test::spec {

std::string shown(const json& value) {
  if (value.is_structured())
    return std::string{"an "} + value.type_name();
  return value.dump();
}

fields::fields(const json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (!object.is_object())
    throw malformed(where_ + " is " + shown(object) + ", required is an object");
}

const json* fields::find(std::string_view name) {
  if (std::find(known_.begin(), known_.end(), name) == known_.end())
    known_.emplace_back(name);
  const auto found = object_.find(std::string{name});
  return found == object_.end() ? nullptr : &*found;
}

const json* fields::find(std::string_view name, bool (json::*is_type)() const noexcept,
                         const char* type) {
  const auto* value = find(name);
  if (value != nullptr && !(value->*is_type)())
    throw malformed(name_of(name) + " is " + shown(*value) + ", required is " + type);
  return value;
}

template <class T>
T fields::required(std::string_view name, std::optional<T> value) const {
  if (!value)
    throw malformed(name_of(name) + " is missing");
  return *std::move(value);
}

std::optional<std::string> fields::text(std::string_view name) {
  const auto* value = find(name, &json::is_string, "a string");
  if (value == nullptr)
    return std::nullopt;
  auto text = value->get<std::string>();
  if (text.empty())
    throw malformed(name_of(name) + " is empty");
  return text;
}

std::string fields::required_text(std::string_view name) {
  return required(name, text(name));
}

std::optional<std::int64_t> fields::integer(std::string_view name, std::int64_t least) {
  // As many milliseconds as this last for 24 days; larger numbers of anything are mistakes.
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const auto* value = find(name, &json::is_number_integer, "an integer");
  if (value == nullptr)
    return std::nullopt;
  const auto too_large
    = value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(most);
  if (too_large || value->get<std::int64_t>() < least)
    throw malformed(name_of(name) + " is " + value->dump() + ", allowed is " + std::to_string(least)
                    + " to " + std::to_string(most));
  return value->get<std::int64_t>();
}

std::int64_t fields::required_integer(std::string_view name, std::int64_t least) {
  return required(name, integer(name, least));
}

std::optional<bool> fields::flag(std::string_view name) {
  const auto* value = find(name, &json::is_boolean, "true or false");
  return value == nullptr ? std::nullopt : std::optional{value->get<bool>()};
}

const json* fields::object(std::string_view name) {
  return find(name, &json::is_object, "an object");
}

const json& fields::array(std::string_view name) {
  static const json none = json::array();
  const auto* value = find(name, &json::is_array, "an array");
  return value == nullptr ? none : *value;
}

void fields::end() const {
  for (const auto& item : object_.items()) {
    if (std::find(known_.begin(), known_.end(), item.key()) != known_.end())
      continue;
    std::string allowed;
    for (const auto& name : known_)
      allowed += (allowed.empty() ? "" : ", ") + name;
    refuse("has the unknown key \"" + item.key() + "\", allowed are " + allowed);
  }
}

std::string fields::name_of(std::string_view field) const {
  return where_ + "." + std::string{field};
}

void fields::refuse(const std::string& why) const {
  throw malformed(where_ + " " + why);
}

} // namespace moor::test::spec
