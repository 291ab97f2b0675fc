#include "spec/parse.hpp"

#include <fstream>
#include <limits>
#include <sstream>
#include <utility>

#include "spec/event_names.hpp"
#include "spec/parse_operations.hpp"
#include "spec/wildcard.hpp"

namespace moor::test::spec {

namespace {

event_type parse_event_name(const json& name, const std::string& where) {
  const auto event
    = name.is_string() ? event_named(name.get_ref<const std::string&>()) : std::nullopt;
  if (!event)
    throw malformed(where + " is " + shown(name) + ", allowed are " + all_event_names());
  return *event;
}

test_style parse_style(fields& file) {
  const auto style = file.required_text("style");
  if (style != "unit" && style != "integration")
    file.refuse("has the unknown style \"" + style + "\", allowed are unit and integration");
  return style == "unit" ? test_style::unit : test_style::integration;
}

template <class T>
void assign_count(fields& from, std::string_view name, std::int64_t least, T& to) {
  if (const auto value = from.integer(name, least))
    to = static_cast<T>(*value);
}

pool_options parse_pool_options(const json& object) {
  fields f{object, "poolOptions"};
  pool_options o;
  assign_count(f, "maxPoolSize", 0, o.max_pool_size);
  assign_count(f, "minPoolSize", 0, o.min_pool_size);
  assign_count(f, "maxConnecting", 1, o.max_connecting);
  assign_count(f, "maxIdleTimeMS", 0, o.max_idle_time);
  assign_count(f, "waitQueueTimeoutMS", 0, o.wait_queue_timeout);
  if (const auto interval
      = f.integer("backgroundThreadIntervalMS", std::numeric_limits<std::int32_t>::min()))
    o.background_interval = milliseconds{*interval};
  o.app_name = f.text("appName").value_or("");
  f.end();
  if (o.background_interval == milliseconds{0})
    f.refuse("has backgroundThreadIntervalMS 0, allowed are negative and positive numbers");
  if (o.max_pool_size > 0 && o.min_pool_size > o.max_pool_size)
    f.refuse("has a minPoolSize larger than maxPoolSize");
  return o;
}

json parse_expected_event(const json& object, const std::string& where) {
  fields f{object, where};
  if (const auto* type = f.find("type"); type != nullptr && !is_wildcard(*type))
    parse_event_name(*type, f.name_of("type"));
  for (const auto* known :
       {"address", "connectionId", "duration", "options", "reason", "interruptInUseConnections"})
    f.find(known);
  f.end();
  return object;
}

json parse_expected_error(const json& object) {
  fields f{object, "error"};
  for (const auto* known : {"type", "message", "address"})
    f.find(known);
  f.end();
  return object;
}

std::optional<server_version> parse_bound(fields& from, const char* name) {
  const auto text = from.text(name);
  if (!text)
    return std::nullopt;
  const auto version = parse_version(*text);
  if (!version)
    throw malformed(from.name_of(name) + " is \"" + *text + "\", required is a version like 4.4.0");
  return version;
}

version_range parse_range(const json& object, const std::string& where) {
  fields f{object, where};
  version_range range{parse_bound(f, "minServerVersion"), parse_bound(f, "maxServerVersion")};
  f.end();
  return range;
}

std::vector<version_range> parse_run_on(const json& ranges) {
  if (ranges.empty())
    throw malformed("runOn is empty, which no server meets");
  std::vector<version_range> result;
  for (const auto& range : ranges)
    result.push_back(parse_range(range, "runOn[" + std::to_string(result.size()) + "]"));
  return result;
}

json parse_fail_point(const json& command) {
  fields f{command, "failPoint"};
  f.required_text("configureFailPoint");
  if (command.begin().key() != "configureFailPoint")
    f.refuse("is another command than configureFailPoint, which must be its first key");
  return command;
}

void parse_integration_fields(fields& file, test_file& test) {
  const auto has_run_on = file.find("runOn") != nullptr;
  const auto* fail_point = file.find("failPoint");
  if (test.style == test_style::unit && (has_run_on || fail_point != nullptr))
    file.refuse("has style unit and runOn or failPoint, which need style integration");
  if (has_run_on)
    test.run_on = parse_run_on(file.array("runOn"));
  if (fail_point != nullptr)
    test.fail_point = parse_fail_point(*fail_point);
}

test_file parse_test(const json& object) {
  fields file{object, "file"};
  if (const auto version = file.required_integer("version", 0); version != 1)
    file.refuse("has version " + std::to_string(version) + ", supported is 1");
  test_file test;
  test.style = parse_style(file);
  test.description = file.required_text("description");
  if (const auto* options = file.find("poolOptions"))
    test.options = parse_pool_options(*options);
  test.operations = parse_operations(file.array("operations"));
  if (const auto* error = file.find("error"))
    test.error = parse_expected_error(*error);
  for (const auto& event : file.array("events"))
    test.events.push_back(
      parse_expected_event(event, "events[" + std::to_string(test.events.size()) + "]"));
  for (const auto& name : file.array("ignore"))
    test.ignore.push_back(
      parse_event_name(name, "ignore[" + std::to_string(test.ignore.size()) + "]"));
  parse_integration_fields(file, test);
  file.end();
  return test;
}

} // namespace

test_file parse_test_text(const std::string& text) {
  json object;
  try {
    object = json::parse(text);
  } catch (const json::exception& e) {
    throw malformed(std::string{"is not JSON: "} + e.what());
  }
  return parse_test(object);
}

test_file parse_test_file(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  if (!std::filesystem::is_regular_file(file) || !(text << in.rdbuf()))
    throw malformed("cannot be read, or is empty");
  return parse_test_text(text.str());
}

} // namespace moor::test::spec
