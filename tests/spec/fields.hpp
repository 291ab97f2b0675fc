// Strict reading of a JSON object: each field has a type, and none may be unknown.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace moor::test::spec {

using json = nlohmann::ordered_json;

/// The file is not of the format; the text says where and why.
struct malformed : std::runtime_error {
  using runtime_error::runtime_error;
};

/// A value for people: itself, or its type if it is an array or an object.
std::string shown(const json& value);

/// The fields of one object. `required` ones throw if they are missing, all throw if they are of
/// the wrong type; `end` throws if the object has a field that nobody asked for.
class fields {
public:
  /// `where` names the object in messages: "operations[3]".
  fields(const json& object, std::string where);

  const json* find(std::string_view name);

  std::string required_text(std::string_view name);
  std::optional<std::string> text(std::string_view name);
  std::int64_t required_integer(std::string_view name, std::int64_t least);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least);
  std::optional<bool> flag(std::string_view name);
  const json* object(std::string_view name);
  /// An empty one if it is missing.
  const json& array(std::string_view name);

  void end() const;

  /// "operations[3].count", for the caller's own messages.
  std::string name_of(std::string_view field) const;

  [[noreturn]] void refuse(const std::string& why) const;

private:
  template <class T>
  T required(std::string_view name, std::optional<T> value) const;
  const json* find(std::string_view name, bool (json::*is_type)() const noexcept, const char* type);

  const json& object_;
  std::string where_;
  std::vector<std::string> known_;
};

} // namespace moor::test::spec
