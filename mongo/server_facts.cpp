#include "moor/mongo/server_facts.hpp"

#include <algorithm>
#include <utility>

#include "moor/mongo/bson.hpp"
#include "moor/mongo/handles.hpp"

namespace moor::mongo {

namespace {

constexpr std::size_t longest_text = 100;

std::string text_of(const bson_iter_t& field) {
  if (!BSON_ITER_HOLDS_UTF8(&field))
    return {};
  std::uint32_t length = 0;
  const char* text = bson_iter_utf8(&field, &length);
  return {text, std::min<std::size_t>(length, longest_text)};
}

std::variant<document, failure> ask(connection& whom, const char* json) {
  return whom.command("admin", std::get<document>(from_json(json)));
}

std::string version_in(const document& build_info) {
  if (validate(build_info))
    return {};
  const bson_view body{build_info};
  bson_iter_t field;
  return bson_iter_init_find(&field, body.get(), "version") ? text_of(field) : std::string{};
}

} // namespace

std::string_view to_string(topology_kind kind) noexcept {
  switch (kind) {
    case topology_kind::unknown: return "unknown";
    case topology_kind::standalone: return "standalone";
    case topology_kind::primary: return "replica set primary";
    case topology_kind::secondary: return "replica set secondary";
    case topology_kind::other: return "replica set member";
    case topology_kind::router: return "router";
  }
  return "unknown";
}

// The rules are those of SDAM, "type".
void read_facts(const document& hello, server_facts& into) {
  if (validate(hello))
    return;
  const bson_view body{hello};
  bson_iter_t field;
  if (!bson_iter_init(&field, body.get()))
    return;
  bool writable = false;
  bool secondary = false;
  bool router = false;
  bool in_set = false;
  while (bson_iter_next(&field)) {
    const std::string_view key = bson_iter_key(&field);
    if (key == "isWritablePrimary" || key == "ismaster")
      writable = bson_iter_as_bool(&field);
    else if (key == "secondary")
      secondary = bson_iter_as_bool(&field);
    else if (key == "msg")
      router = text_of(field) == "isdbgrid";
    else if (key == "isreplicaset")
      in_set = bson_iter_as_bool(&field);
    else if (key == "setName")
      into.set_name = text_of(field);
    else if (key == "maxWireVersion" && BSON_ITER_HOLDS_NUMBER(&field))
      into.max_wire = bson_iter_as_int64(&field);
  }
  in_set = in_set || !into.set_name.empty();
  into.kind = router      ? topology_kind::router
              : !in_set   ? topology_kind::standalone
              : writable  ? topology_kind::primary
              : secondary ? topology_kind::secondary
                          : topology_kind::other;
}

std::variant<server_facts, failure> ask_server_facts(connection& from) {
  server_facts seen;
  auto hello = ask(from, R"({"hello": 1})");
  if (auto* why = std::get_if<failure>(&hello))
    return std::move(*why);
  read_facts(std::get<document>(hello), seen);
  auto build_info = ask(from, R"({"buildInfo": 1})");
  if (auto* why = std::get_if<failure>(&build_info)) {
    if (why->reach != spoils::nothing)
      return std::move(*why);
  } else {
    seen.version = version_in(std::get<document>(build_info));
  }
  return seen;
}

} // namespace moor::mongo
