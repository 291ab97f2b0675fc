#define CAF_SUITE mongo_commands

// A server that is well.

#include "mongo/server_rig.hpp"

#include "moor/mongo/handles.hpp"
#include "moor/mongo/use.hpp"
#include "support/plants.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace moor::test;

namespace {

embedded_server& server() {
  static embedded_server instance;
  return instance;
}

int current_connections() {
  const auto status = std::get<document>(from_json(server().run("admin", "{\"serverStatus\": 1}")));
  const bson_view view{status};
  bson_iter_t top;
  bson_iter_t field;
  CAF_REQUIRE(bson_iter_init(&top, view.get())
              && bson_iter_find_descendant(&top, "connections.current", &field));
  return static_cast<int>(bson_iter_as_int64(&field));
}

/// Whether the server has so many connections in the end: it closes them in its time, those of an
/// earlier question and of an earlier test too.
bool comes_to(int connections) {
  const auto deadline = std::chrono::steady_clock::now() + forever;
  while (current_connections() != connections)
    if (std::chrono::steady_clock::now() > deadline)
      return false;
  return true;
}

} // namespace

CAF_TEST(a connection is established and answers pings) {
  const auto ours = established(server().uri());
  CAF_CHECK(ours->client() != nullptr);
  CAF_CHECK(!ours->ping(forever));
  CAF_CHECK(!ours->take_failure());
  CAF_CHECK(!ours->interrupted());
}

CAF_TEST(a connection is one connection of the server until it is destroyed) {
  CAF_CHECK(comes_to(1)); // the one that asks
  auto ours = established(server().uri());
  CAF_CHECK(comes_to(2));
  ours.reset();
  CAF_CHECK(comes_to(1));
}

CAF_TEST(commands are answered) {
  const auto ours = established(server().uri("?replicaSet=secantus"));
  CAF_CHECK(has(answer(*ours, R"({"insert": "things", "documents": [{"_id": 1, "n": "ü"}]})"),
                "\"n\" : 1"));
  CAF_CHECK(has(answer(*ours, R"({"find": "things", "filter": {"_id": 1}})"), "\"n\" : \"ü\""));
  CAF_CHECK(!ours->take_failure());
}

CAF_TEST(answers of a megabyte arrive whole) {
  const auto ours = established(server().uri());
  const std::string megabyte(1'000'000, 'x');
  answer(*ours, R"({"insert": "large", "documents": [{"_id": 1, "x": ")" + megabyte + "\"}]}");
  CAF_CHECK(has(answer(*ours, R"({"find": "large"})"), megabyte));
}

CAF_TEST(localhost is found whatever its addresses are) {
  const auto ours = established("mongodb://localhost:" + std::to_string(server().port()) + "/");
  CAF_CHECK(!ours->ping(forever));
}

CAF_TEST(an error of the server spoils nothing) {
  const auto ours = established(server().uri());
  auto got = failure_of(*ours, R"({"noSuchCommand": 1})");
  CHECK_FAILURE(got, errc::operation_failed, spoils::nothing);
  CAF_CHECK_EQUAL(got.driver_code, 59);
  got = failure_of(*ours, R"({"find": "c", "filter": {"$)" + planted("operator") + "\": 1}}");
  CHECK_FAILURE(got, errc::operation_failed, spoils::nothing);
  CAF_CHECK(!find_plant(got.text));
  CAF_CHECK(!ours->take_failure());
  CAF_CHECK(!ours->ping(forever));
}

CAF_TEST(a duplicate key met through the client spoils nothing and keeps its value) {
  const auto ours = established(server().uri());
  const collection_owner things{mongoc_client_get_collection(ours->client(), "db", "unique")};
  const auto body = std::get<document>(from_json(R"({"_id": ")" + planted("key") + "\"}"));
  const bson_view view{body};
  bson_error_t error{};
  check(mongoc_collection_insert_one(things.get(), view.get(), nullptr, nullptr, &error), error);
  try {
    check(mongoc_collection_insert_one(things.get(), view.get(), nullptr, nullptr, &error), error);
    CAF_FAIL("nothing was thrown");
  } catch (const mongo::error& e) {
    CHECK_FAILURE(e.why(), errc::operation_failed, spoils::nothing);
    CAF_CHECK_EQUAL(e.why().driver_code, 11000);
    CAF_CHECK_EQUAL(std::string{e.what()}, "the server answered with error 11000 (DuplicateKey)");
  }
  CAF_CHECK(!ours->take_failure());
}

CAF_TEST(another replica set than the one that is meant is not taken) {
  auto from = settings_with(server().uri("?replicaSet=other"));
  CHECK_FAILURE(refusal(from), errc::no_suitable_server, spoils::connection);
}

CAF_TEST(a connection may be used by one thread after the other) {
  const auto ours = established(server().uri());
  for (int i = 0; i < 3; ++i)
    std::thread{[&] { CAF_CHECK(!ours->ping(forever)); }}.join();
}
