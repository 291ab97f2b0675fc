#include "spec/uri/uri_test.hpp"

#include <fstream>

namespace moor::test::spec {

namespace {

/// The field as it is, if it is null or of that type.
json nullable(fields& of, std::string_view name, bool (json::*is_type)() const noexcept,
              const char* type) {
  const auto* value = of.find(name);
  if (value == nullptr || value->is_null())
    return nullptr;
  if (!(value->*is_type)())
    throw malformed(of.name_of(name) + " is " + shown(*value) + ", required is " + type
                    + " or null");
  return *value;
}

uri_test parse_case(const json& object, const std::string& where) {
  fields of{object, where};
  uri_test test;
  test.description = of.required_text("description");
  const auto* uri = of.find("uri");
  if (uri == nullptr || !uri->is_string())
    of.refuse("has no uri, or one that is no string");
  test.uri = uri->get<std::string>();
  const auto valid = of.flag("valid");
  if (!valid)
    of.refuse("does not say whether it is valid");
  test.valid = *valid;
  const auto warning = nullable(of, "warning", &json::is_boolean, "true, false");
  if (!warning.is_null())
    test.warning = warning.get<bool>();
  test.hosts = nullable(of, "hosts", &json::is_array, "an array");
  test.auth = nullable(of, "auth", &json::is_object, "an object");
  test.options = nullable(of, "options", &json::is_object, "an object");
  if (of.find("credential") != nullptr)
    test.credential = nullable(of, "credential", &json::is_object, "an object");
  static_cast<void>(of.find("comment"));
  of.end();
  return test;
}

} // namespace

std::vector<uri_test> parse_uri_tests(const std::filesystem::path& file) {
  std::ifstream stream{file};
  if (!stream)
    throw malformed("the file cannot be read");
  json root;
  try {
    root = json::parse(stream);
  } catch (const json::exception& e) {
    throw malformed(std::string{"not JSON: "} + e.what());
  }
  fields of{root, "the file"};
  const auto& tests = of.array("tests");
  of.end();
  if (tests.empty())
    throw malformed("there are no tests");
  std::vector<uri_test> result;
  for (std::size_t i = 0; i < tests.size(); ++i)
    result.push_back(parse_case(tests[i], "tests[" + std::to_string(i) + "]"));
  return result;
}

} // namespace moor::test::spec
