#include "spec/parse_operations.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "spec/event_names.hpp"

namespace moor::test::spec {

namespace {

using action = decltype(operation::what);

action parse_wait_for_event(fields& f) {
  const auto name = f.required_text("event");
  const auto event = event_named(name);
  if (!event)
    throw malformed(f.name_of("event") + " is \"" + name + "\", allowed are " + all_event_names());
  wait_for_event w{*event, static_cast<std::size_t>(f.required_integer("count", 1)), std::nullopt};
  if (const auto timeout = f.integer("timeout", 1))
    w.timeout = milliseconds{*timeout};
  return w;
}

struct known_operation {
  std::string_view name;
  action (*parse)(fields&);
};

constexpr std::array known_operations{
  known_operation{"start",
                  [](fields& f) -> action { return start_thread{f.required_text("target")}; }},
  known_operation{
    "wait",
    [](fields& f) -> action { return wait_some_time{milliseconds{f.required_integer("ms", 0)}}; }},
  known_operation{"waitForThread",
                  [](fields& f) -> action { return wait_for_thread{f.required_text("target")}; }},
  known_operation{"waitForEvent", parse_wait_for_event},
  known_operation{"checkOut",
                  [](fields& f) -> action { return check_out{f.text("label").value_or("")}; }},
  known_operation{"checkIn",
                  [](fields& f) -> action { return check_in{f.required_text("connection")}; }},
  known_operation{"clear",
                  [](fields& f) -> action {
                    return clear_pool{f.flag("interruptInUseConnections").value_or(false)};
                  }},
  known_operation{"close", [](fields&) -> action { return close_the_pool{}; }},
  known_operation{"ready", [](fields&) -> action { return ready_pool{}; }},
};

const known_operation& operation_named(const fields& f, const std::string& name) {
  const auto found = std::find_if(known_operations.begin(), known_operations.end(),
                                  [&](const auto& known) { return known.name == name; });
  if (found != known_operations.end())
    return *found;
  std::string allowed;
  for (const auto& known : known_operations)
    allowed += (allowed.empty() ? "" : ", ") + std::string{known.name};
  f.refuse("is the unknown operation \"" + name + "\", allowed are " + allowed);
}

operation parse_operation(const json& object, const std::string& where) {
  fields f{object, where};
  const auto& known = operation_named(f, f.required_text("name"));
  auto thread = f.text("thread").value_or("");
  operation result{std::move(thread), known.parse(f)};
  f.end();
  return result;
}

/// What earlier operations have made known, in the order of the file.
class known_names {
public:
  void check(const operation& o, const std::string& at) {
    where_ = at;
    thread_ = o.thread;
    if (!thread_.empty())
      require_running(thread_);
    std::visit([this](const auto& what) { note(what); }, o.what);
  }

private:
  void require_running(const std::string& thread) const {
    if (!started_.contains(thread))
      refuse("names the thread \"" + thread + "\", which was not started");
    if (waited_for_.contains(thread))
      refuse("is for the thread \"" + thread + "\", which was waited for and has ended");
  }

  void note(const start_thread& s) {
    if (!started_.insert(s.target).second)
      refuse("starts the thread \"" + s.target + "\" a second time");
  }

  void note(const wait_for_thread& w) {
    if (!started_.contains(w.target))
      refuse("waits for the thread \"" + w.target + "\", which was not started");
    if (w.target == thread_)
      refuse("makes the thread \"" + thread_ + "\" wait for itself");
    waited_for_.insert(w.target);
  }

  void note(const check_out& c) { labels_.insert(c.label); }

  void note(const check_in& c) {
    if (!labels_.contains(c.label))
      refuse("checks in \"" + c.label + "\", a label that no checkOut before it has set");
  }

  template <class T>
  void note(const T&) {}

  [[noreturn]] void refuse(const std::string& why) const { throw malformed(where_ + " " + why); }

  std::string where_;
  std::string thread_;
  std::set<std::string> started_;
  std::set<std::string> waited_for_;
  std::set<std::string> labels_;
};

} // namespace

std::vector<operation> parse_operations(const json& array) {
  if (array.empty())
    throw malformed("operations is missing or empty");
  std::vector<operation> result;
  known_names names;
  for (const auto& object : array) {
    const auto where = "operations[" + std::to_string(result.size()) + "]";
    result.push_back(parse_operation(object, where));
    names.check(result.back(), where);
  }
  return result;
}

} // namespace moor::test::spec
