#define CAF_SUITE mongo_outages

// A server that dies, stalls or changes its state.

#include "mongo/server_rig.hpp"

#include "mongo/peers.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/use.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  embedded_server server;

  void fail_point(const std::string& mode, const std::string& data) {
    server.run("admin", R"({"configureFailPoint": "failCommand", "mode": )" + mode
                          + R"(, "data": {"appName": "moor", )" + data + "}}");
  }
};

const std::string hellos = R"("failCommands": ["hello", "isMaster", "ismaster"], )";
const std::string once = R"({"times": 1})";

} // namespace

CAF_TEST_FIXTURE_SCOPE(outage_tests, fixture)

CAF_TEST(a server that died spoils the generation) {
  const auto ours = established(server.uri());
  server.kill_now();
  CHECK_FAILURE(failure_of(*ours, "{\"ping\": 1}"), errc::connection_lost, spoils::generation);
  const auto seen = ours->take_failure();
  CAF_REQUIRE(seen.has_value());
  CHECK_FAILURE(*seen, errc::connection_lost, spoils::generation);
  CAF_CHECK(!ours->take_failure());
  CHECK_FAILURE(failure_of(*ours, "{\"ping\": 1}"), errc::no_suitable_server, spoils::generation);
  CHECK_FAILURE(refusal(settings_with(server.uri())), errc::connect_failed, spoils::connection);
}

CAF_TEST(a loss that user code swallows is seen all the same) {
  const auto ours = established(server.uri("?retryWrites=false"));
  server.kill_now();
  const collection_owner things{mongoc_client_get_collection(ours->client(), "db", "things")};
  const auto body = std::get<document>(from_json("{}"));
  bson_error_t ignored{};
  mongoc_collection_insert_one(things.get(), bson_view{body}.get(), nullptr, nullptr, &ignored);
  const auto seen = ours->take_failure();
  CAF_REQUIRE(seen.has_value());
  CHECK_FAILURE(*seen, errc::connection_lost, spoils::generation);
}

CAF_TEST(a loss that libmongoc repairs on its own is seen all the same) {
  const auto ours = established(server.uri());
  server.kill_now();
  server.restart();
  const collection_owner things{mongoc_client_get_collection(ours->client(), "db", "things")};
  const auto body = std::get<document>(from_json("{}"));
  bson_error_t error{};
  CAF_CHECK(
    mongoc_collection_insert_one(things.get(), bson_view{body}.get(), nullptr, nullptr, &error));
  const auto seen = ours->take_failure();
  CAF_REQUIRE(seen.has_value());
  CAF_CHECK(seen->reach != spoils::nothing);
}

CAF_TEST(a silent server spoils only its connection) {
  auto from = settings_with(server.uri());
  from.socket_timeout = 100ms;
  const auto ours = established_with(from);
  server.pause();
  CHECK_FAILURE(failure_of(*ours, "{\"ping\": 1}"), errc::operation_timeout, spoils::connection);
}

CAF_TEST(a ping takes no longer than it may) {
  const auto ours = established(server.uri());
  server.pause();
  const auto got = ours->ping(100ms);
  CAF_REQUIRE(got.has_value());
  CHECK_FAILURE(*got, errc::operation_timeout, spoils::connection);
}

CAF_TEST(a stopped server bounds an establishing by the connect timeout) {
  server.pause();
  auto from = settings_with(server.uri());
  from.connect_timeout = 100ms;
  CHECK_FAILURE(refusal(from), errc::connect_failed, spoils::connection);
}

CAF_TEST(an interrupt ends a command in flight) {
  const auto ours = established(server.uri());
  server.pause();
  std::thread other{[&] { ours->interrupt(); }};
  CHECK_FAILURE(failure_of(*ours, "{\"ping\": 1}"), errc::connection_lost, spoils::connection);
  other.join();
  CAF_CHECK(ours->interrupted());
  CAF_CHECK(ours->take_failure().has_value());
  CAF_CHECK(ours->take_failure().has_value());
  CAF_CHECK(ours->ping(forever).has_value());
}

CAF_TEST(an interrupt ends a retryable write in flight) {
  const auto ours = established(server.uri());
  const collection_owner things{mongoc_client_get_collection(ours->client(), "db", "things")};
  const auto body = std::get<document>(from_json("{}"));
  server.pause();
  std::thread other{[&] { ours->interrupt(); }};
  bson_error_t error{};
  CAF_CHECK(
    !mongoc_collection_insert_one(things.get(), bson_view{body}.get(), nullptr, nullptr, &error));
  other.join();
  const auto seen = ours->take_failure();
  CAF_REQUIRE(seen.has_value());
  CAF_CHECK(seen->reach == spoils::connection);
}

CAF_TEST(the end of a connection does not wait for a server that stalls) {
  auto ours = established(server.uri());
  answer(*ours, R"({"find": "things"})");
  server.pause();
  ours.reset();
}

CAF_TEST(a hello refused for a change of state spoils the generation) {
  fail_point(once, hellos + "\"errorCode\": 91");
  auto got = refusal(settings_with(server.uri()));
  CHECK_FAILURE(got, errc::server_state_changed, spoils::generation);
  CAF_CHECK_EQUAL(got.driver_code, 91);
  CAF_CHECK(!has(got.text, "failpoint"));
  fail_point(once, hellos + "\"errorCode\": 8");
  got = refusal(settings_with(server.uri("?replicaSet=secantus")));
  CHECK_FAILURE(got, errc::connect_failed, spoils::generation);
  CAF_CHECK_EQUAL(got.driver_code, 8);
  established(server.uri());
}

CAF_TEST(a hello that ends the connection spoils nothing else) {
  fail_point(once, hellos + "\"closeConnection\": true");
  CHECK_FAILURE(refusal(settings_with(server.uri())), errc::connect_failed, spoils::connection);
}

CAF_TEST(a change of state in an operation spoils the generation) {
  const auto ours = established(server.uri());
  for (const int code : {91, 10107}) {
    fail_point(once, R"("failCommands": ["find"], "errorCode": )" + std::to_string(code));
    const auto got = failure_of(*ours, R"({"find": "things"})");
    CHECK_FAILURE(got, errc::server_state_changed, spoils::generation);
    CAF_CHECK_EQUAL(got.driver_code, code);
    const auto seen = ours->take_failure();
    CAF_REQUIRE(seen.has_value());
    CAF_CHECK(seen->reach == spoils::generation);
    ours->ping(forever); // looks at the server again
    ours->take_failure();
  }
}

CAF_TEST(a change of state inside of a success is seen) {
  const auto ours = established(server.uri());
  fail_point(once,
             R"("failCommands": ["insert"], "writeConcernError": {"code": 91, "errmsg": ""})");
  const auto reply = answer(*ours, R"({"insert": "things", "documents": [{}]})");
  CAF_REQUIRE(has(reply, "writeConcernError"));
  const auto seen = ours->take_failure();
  CAF_REQUIRE(seen.has_value());
  CHECK_FAILURE(*seen, errc::server_state_changed, spoils::generation);
}

CAF_TEST(one dead server of several leaves time for the others) {
  const black_hole hole;
  auto from = settings_with("mongodb://" + hole.address() + "," + server.address()
                            + "/?replicaSet=secantus");
  from.connect_timeout = 2s;
  const auto ours = established_with(from);
  CAF_CHECK(!ours->ping(forever));
}

CAF_TEST_FIXTURE_SCOPE_END()
