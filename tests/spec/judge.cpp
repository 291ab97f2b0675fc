#include <algorithm>

#include "spec/match.hpp"
#include "spec/test_run.hpp"

namespace moor::test::spec {

namespace {

std::vector<json> not_ignored(const test_file& test, const observation& seen) {
  std::vector<json> result;
  for (const auto& e : seen.events)
    if (std::find(test.ignore.begin(), test.ignore.end(), e.type) == test.ignore.end())
      result.push_back(to_json(e, seen.address));
  return result;
}

std::optional<std::string> judge_error(const test_file& test, const observation& seen) {
  const auto thrown = seen.error ? std::optional{to_json(*seen.error)} : std::nullopt;
  if (!test.error)
    return thrown ? std::optional{"the main thread threw " + thrown->dump() + ", expected no error"}
                  : std::nullopt;
  if (!thrown)
    return "the main thread threw nothing, expected " + test.error->dump();
  if (const auto what = mismatch(*test.error, &*thrown))
    return "error " + *what + "; expected " + test.error->dump() + ", thrown " + thrown->dump();
  return std::nullopt;
}

std::optional<std::string> judge_events(const test_file& test, const std::vector<json>& actual) {
  for (std::size_t i = 0; i < test.events.size(); ++i)
    if (const auto what = mismatch(test.events[i], i < actual.size() ? &actual[i] : nullptr))
      return "event " + std::to_string(i) + ' ' + *what;
  return std::nullopt;
}

std::string list(const std::vector<json>& events) {
  std::string text;
  for (const auto& e : events)
    text += (text.empty() ? "" : ", ") + e.dump();
  return '[' + text + ']';
}

} // namespace

std::optional<std::string> judge(const test_file& test, const observation& seen) {
  const auto actual = not_ignored(test, seen);
  auto why = seen.problem;
  if (!why)
    why = judge_error(test, seen);
  if (!why)
    why = judge_events(test, actual);
  if (!why)
    return std::nullopt;
  return *why + "; expected events " + list(test.events) + ", actual events " + list(actual);
}

} // namespace moor::test::spec
