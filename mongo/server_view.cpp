#include "moor/mongo/server_view.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "moor/mongo/bson.hpp"
#include "moor/mongo/handles.hpp"

namespace moor::mongo {

namespace {

/// The most members of a replica set, and the longest name of a host with its port.
constexpr std::size_t most_hosts = 50;
constexpr std::size_t longest_name = 300;

std::string text_of(const bson_iter_t& field) {
  if (!BSON_ITER_HOLDS_UTF8(&field))
    return {};
  std::uint32_t length = 0;
  const char* text = bson_iter_utf8(&field, &length);
  return {text, std::min<std::size_t>(length, longest_name)};
}

std::string hexadecimal(const bson_iter_t& field) {
  if (!BSON_ITER_HOLDS_OID(&field))
    return {};
  std::array<char, 25> text{};
  bson_oid_to_string(bson_iter_oid(&field), text.data());
  return text.data();
}

std::vector<std::string> texts_of(const bson_iter_t& field) {
  std::vector<std::string> all;
  bson_iter_t element;
  if (!BSON_ITER_HOLDS_ARRAY(&field) || !bson_iter_recurse(&field, &element))
    return all;
  while (all.size() < most_hosts && bson_iter_next(&element))
    all.push_back(text_of(element));
  return all;
}

/// A number that is not negative; anything else is unknown.
maybe_count count_of(const bson_t* from, const char* path) {
  bson_iter_t top;
  bson_iter_t field;
  if (!bson_iter_init(&top, from) || !bson_iter_find_descendant(&top, path, &field)
      || !BSON_ITER_HOLDS_NUMBER(&field))
    return {};
  const auto value = bson_iter_as_int64(&field);
  return value < 0 ? maybe_count{} : maybe_count{true, value};
}

} // namespace

const document& hello_command() {
  static const auto body = std::get<document>(from_json(R"({"hello": 1})"));
  return body;
}

const document& status_command() {
  static const auto body = std::get<document>(
    from_json(R"({"serverStatus": 1, "repl": 0, "metrics": 0, "locks": 0, "wiredTiger": 0,
                  "opLatencies": 0, "tcmalloc": 0, "sharding": 0, "transactions": 0})"));
  return body;
}

void read_hello(const document& answer, server_view& into) {
  if (validate(answer))
    return;
  const bson_view body{answer};
  bson_iter_t field;
  if (!bson_iter_init(&field, body.get()))
    return;
  std::optional<bool> writable;
  while (bson_iter_next(&field)) {
    const std::string_view key = bson_iter_key(&field);
    if (key == "isWritablePrimary" || key == "ismaster")
      writable = bson_iter_as_bool(&field);
    else if (key == "secondary")
      into.secondary = bson_iter_as_bool(&field);
    else if (key == "setName")
      into.set_name = text_of(field);
    else if (key == "me")
      into.me = text_of(field);
    else if (key == "primary")
      into.primary = text_of(field);
    else if (key == "electionId")
      into.election_id = hexadecimal(field);
    else if (key == "setVersion" && BSON_ITER_HOLDS_NUMBER(&field))
      into.set_version = bson_iter_as_int64(&field);
    else if (key == "hosts")
      into.hosts = texts_of(field);
  }
  into.writable = writable.value_or(!into.secondary);
}

void read_status(const document& answer, server_view& into) {
  if (validate(answer))
    return;
  const bson_view body{answer};
  into.connections_current = count_of(body.get(), "connections.current");
  into.connections_available = count_of(body.get(), "connections.available");
  into.connections_total_created = count_of(body.get(), "connections.totalCreated");
}

std::variant<server_view, failure> look_at_server(connection& from, duration timeout,
                                                  const std::function<instant()>& now) {
  server_view seen;
  const auto asked_at = now();
  if (auto why = from.ping(timeout))
    return *std::move(why);
  seen.round_trip = now() - asked_at;
  auto hello = from.command("admin", hello_command());
  if (auto* why = std::get_if<failure>(&hello))
    return std::move(*why);
  read_hello(std::get<document>(hello), seen);
  const auto status = from.command("admin", status_command());
  if (const auto* answer = std::get_if<document>(&status))
    read_status(*answer, seen);
  // What is wrong with the connection counts, not what the server thinks of the question.
  if (auto why = from.take_failure(); why && why->reach != spoils::nothing)
    return *std::move(why);
  return seen;
}

} // namespace moor::mongo
