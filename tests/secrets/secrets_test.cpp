// Promise "secrets": passwords, users and values of queries, driven through a real server that
// demands a login, show in nothing that moor says.
#define CAF_SUITE secrets

#include "secrets/secrets_rig.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include <mongoc/mongoc.h>

#include "moor/mongo/handles.hpp"
#include "moor/mongo/use.hpp"

using namespace moor;
using namespace moor::test;

namespace {

/// Every command takes longer than that.
constexpr duration shortest = 1ns;

/// JSON with its @ replaced by a planted text, and its # by a planted number.
std::string with_values(std::string json) {
  const auto replace = [&](char mark, const std::string& by) {
    for (auto at = json.find(mark); at != json.npos; at = json.find(mark, at + by.size()))
      json.replace(at, 1, by);
  };
  replace('@', planted("value"));
  replace('#', std::to_string(planted_number()));
  return json;
}

/// Commands that succeed.
constexpr const char* good[] = {
  R"({"insert": "fruit", "documents": [{"_id": "@", "n": #, "in": {"deep": ["@", #]}}], "comment": "@"})",
  R"({"find": "fruit", "filter": {"name": "@", "n": {"$gt": #}, "x": {"$in": ["@", #]}}, "limit": 3})",
  R"({"find": "fruit", "filter": {"_id": {"$regex": "^@"}}, "comment": {"who": "@"}})",
  R"({"aggregate": "fruit", "pipeline": [{"$match": {"n": #}}, {"$addFields": {"x": "@"}}], "cursor": {}})",
  R"({"update": "fruit", "updates": [{"q": {"_id": "@"}, "u": {"$set": {"name": "@", "m": #}}}]})",
  R"({"findAndModify": "fruit", "query": {"n": #}, "update": {"$set": {"name": "@"}}})",
  R"({"distinct": "fruit", "key": "n", "query": {"name": "@"}})",
  R"({"count": "fruit", "query": {"name": "@", "n": #}})",
  R"({"explain": {"find": "fruit", "filter": {"name": "@"}}})",
  // The duplicate key is in the reply, which is the borrower's own.
  R"({"insert": "fruit", "documents": [{"_id": "@"}], "ordered": false})",
  R"({"delete": "fruit", "deletes": [{"q": {"name": "@-not-there"}, "limit": 1}]})"};

/// Commands that the server refuses, most of them with an error that names the value.
constexpr const char* bad[]
  = {R"({"find": "fruit", "filter": {"n": {"$regex": "(@"}}})",
     R"({"find": "fruit", "filter": {"n": {"$in": "@"}}})",
     R"({"find": "fruit", "filter": {"$where": 1, "n": "@"}, "hint": "@"})",
     R"({"find": "fruit", "limit": "@"})",
     R"({"getMore": #, "collection": "fruit"})",
     R"({"aggregate": "fruit", "pipeline": [{"$match": "@"}], "cursor": {}})",
     R"({"aggregate": "fruit", "pipeline": [{"$noSuchStage": "@"}], "cursor": {}})",
     R"({"update": "fruit", "updates": "@"})",
     R"({"findAndModify": "fruit", "query": {"n": #}, "update": {"$noSuchUpdate": {"name": "@"}}})",
     R"({"createUser": "@", "pwd": "@", "roles": "@"})",
     R"({"noSuchCommand": "@", "n": #})"};

mongo::collection_owner fruit(mongoc_client_t& client) {
  return mongo::collection_owner{mongoc_client_get_collection(&client, "moor_test", "fruit")};
}

/// Ends in the server's error on a duplicate key, which has the key in it.
void insert_twice(mongoc_client_t& client) {
  const mongo::bson_owner one{
    BCON_NEW("_id", BCON_UTF8(planted("twice").c_str()), "n", BCON_INT64(planted_number(1)))};
  bson_error_t error{};
  for (int i = 0; i < 2; ++i)
    mongo::check(
      mongoc_collection_insert_one(fruit(client).get(), one.get(), nullptr, nullptr, &error),
      error);
}

/// Ends in an error of libmongoc's own, which refuses the empty key.
void insert_invalid(mongoc_client_t& client) {
  const mongo::bson_owner one{BCON_NEW("", BCON_UTF8(planted("invalid").c_str()))};
  bson_error_t error{};
  mongo::check(
    mongoc_collection_insert_one(fruit(client).get(), one.get(), nullptr, nullptr, &error), error);
}

std::string find_planted() {
  return with_values(R"({"find": "fruit", "filter": {"name": "@", "n": #}})");
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(secrets_tests, secrets_rig)

CAF_TEST(commands of every kind) {
  const auto pool = start();
  for (const auto* json : good)
    CAF_CHECK(ask(pool, {.operation = "good command", .slow_after = shortest}, with_values(json)));
  for (const auto* json : bad)
    CAF_CHECK(!ask(pool, {.operation = "bad command", .slow_after = shortest}, with_values(json)));
  CAF_CHECK(!run(pool, {.operation = "insert twice", .slow_after = shortest}, insert_twice));
  CAF_CHECK(!run(pool, {.operation = "insert invalid"}, insert_invalid));
  {
    const auto held = lend(pool, {.operation = "by lease", .slow_after = shortest});
    CAF_CHECK(ask(held, {.operation = "step"}, find_planted()));
    gather(pool);
  }
  CAF_CHECK(comes("log", "event=slow_command operation=\"good command\" command=\"find\" "
                         "database=\"moor_test\" collection=\"fruit\" shape=\"{filter: {name, "));
  gather(pool);
  CAF_CHECK(everything->says("error", "operation_failed: the server answered with error 11000"));
  CAF_CHECK(everything->says("error", "the server answered with error 59"));
  CAF_CHECK(everything->says("operations", "insert twice"));
  CAF_CHECK(everything->says("operations", "{filter: {name, "));
  CAF_CHECK(everything->says("leases", "by lease"));
  check("commands");
}

CAF_TEST(everything that can be asked and seen) {
  const auto pool = start();
  CAF_CHECK(ask(pool, {.operation = "find fruit", .slow_after = shortest}, find_planted()));
  CAF_CHECK(comes("log", "event=statistics"));
  CAF_CHECK(comes("event", server().address()));
  CAF_CHECK(comes("log", "debug pool=\"default\" event=ConnectionReady "));
  CAF_CHECK(eventually([&] {
    return visit("/metrics").find("db_operation_name=\"find fruit\"") != std::string::npos;
  }));
  CAF_CHECK(eventually([&] { // the monitor's first check may come later than all that
    return visit("/health/ready").find("\"ready\":true") != std::string::npos;
  }));
  gather(pool);
  for (const auto* where : {"stats", "health", "breaker", "leaks"})
    CAF_CHECK(everything->says(where, ", "));
  CAF_CHECK(everything->says("/", "<!doctype html>"));
  CAF_CHECK(everything->says("/stats", "\"find fruit\""));
  CAF_CHECK(everything->says("/stats", "mongodb://***@" + server().address()));
  CAF_CHECK(everything->says("/metrics", "moor_pool_up{pool=\"default\"} 1"));
  CAF_CHECK(everything->says("open metrics", "# EOF"));
  CAF_CHECK(everything->says("/health/ready", "\"ready\":true"));
  CAF_CHECK(everything->says("/events", "find fruit"));
  CAF_CHECK(everything->says("refusal", " 401 "));
  CAF_CHECK(everything->says("/nothing", " 404 "));
  check("views");
}

CAF_TEST(logins that fail) {
  config.name = "vain";
  for (const auto& [who, with] :
       {std::pair{user(), planted("wrong")}, std::pair{planted("nobody"), password()},
        std::pair{planted("nobody"), planted("wrong")}}) {
    config.uri = uri(who, with);
    start_in_vain(config);
  }
  config.uri = uri(user(), password(), "&authSource=elsewhere");
  start_in_vain(config);
  CAF_CHECK(everything->says("error", "authentication_failed"));
  config.uri = uri(user(), password());
  const auto pool = start();
  // From now on those that are established fail, too.
  fail("saslStart", "\"errorCode\": 18");
  self->send(pool, clear{});
  CAF_CHECK(!ask(pool, {.operation = "no login", .timeout = 500ms}, find_planted()));
  gather(pool);
  fail_no_more();
  check("logins");
}

CAF_TEST(what settings and libmongoc warn of) {
  config.uri = uri(user(), password(), "&noSuchOption=" + planted("option"));
  const auto pool = start();
  CAF_CHECK(ask(pool, {.operation = "find"}, find_planted()));
  mongoc_log(MONGOC_LOG_LEVEL_WARNING, "test", "odd value \"%s\" of '%s'",
             planted("warning").c_str(), planted("warning").c_str());
  CAF_CHECK(everything->says("log", "event=setting_warning cause=\""));
  CAF_CHECK(comes("log", "event=driver_warning part=test text=\"odd value ***"));
  gather(pool);
  check("driver");
}

CAF_TEST(operations that time out and connections that are lost) {
  config.max_pool_size = 2;
  config.breaker.minimum_calls = 4;
  config.breaker.window_size = 10;
  config.breaker.failure_rate_threshold = 0.2;
  const auto pool = start();
  // Until it is the command that takes too long, and not the wait for a connection.
  fail("find", R"("blockConnection": true, "blockTimeMS": 3000)");
  CAF_CHECK(eventually([&] {
    ask(pool, {.operation = "too late", .timeout = 1s}, find_planted());
    return everything->says("error", "operation_timeout");
  }));
  fail("find", "\"closeConnection\": true");
  CAF_CHECK(eventually([&] {
    ask(pool, {.operation = "cut off", .timeout = 10s}, find_planted());
    return everything->says("error", "connection_lost")
           && everything->says("log", "event=breaker_changed scope=operations from=closed to=open");
  }));
  gather(pool);
  CAF_CHECK(everything->says("/stats", "\"breaker_history\""));
  fail_no_more();
  self->send(pool, set_breaker{breaker_scope::operations, breaker_mode::forced_open});
  CAF_CHECK(eventually([&] { // not before the pool is ready
    ask(pool, {.operation = "refused", .timeout = 2s}, find_planted());
    return everything->says("error", "circuit_open");
  }));
  self->send(pool, set_breaker{breaker_scope::operations, breaker_mode::disabled});
  fail("find", "\"errorCode\": 11600"); // the server is being shut down
  CAF_CHECK(eventually([&] {
    ask(pool, {.operation = "shut down", .timeout = 10s}, find_planted());
    return everything->says("error", "server_state_changed");
  }));
  fail_no_more();
  CAF_CHECK(comes("log", "event=ConnectionPoolCleared "));
  check("failures");
}

CAF_TEST(a server that is lost) {
  const auto pool = start();
  CAF_CHECK(ask(pool, {.operation = "before"}, find_planted()));
  server().kill_now();
  CAF_CHECK(!ask(pool, {.operation = "after", .timeout = 1s}, find_planted()));
  CAF_CHECK(eventually([&] {
    gather(pool);
    return everything->says("/health/ready", "\"state\":\"unavailable\"");
  }));
  CAF_CHECK(!ask(pool, {.operation = "long after", .timeout = 1s}, find_planted()));
  CAF_CHECK(everything->says("error", server().address()));
  CAF_CHECK(everything->says("/health/ready", "\"ready\":false"));
  config.name = "second";
  start_in_vain(config);
  server().restart();
  check("outage");
}

CAF_TEST(leases that leak) {
  config.leaks.threshold = 100ms;
  config.leaks.scan_interval = 20ms;
  config.leaks.grace = 50ms;
  config.leaks.policy = leak_policy::revoke;
  config.leaks.stack_traces = toggle::on;
  const auto pool = start();
  const auto held = lend(pool, {.operation = "nightly report", .slow_after = shortest});
  CAF_CHECK(ask(held, {.operation = "step"}, find_planted()));
  CAF_CHECK(comes("log", "event=leak_suspected"));
  CAF_CHECK(comes("log", "event=leak_revoked"));
  gather(pool);
  CAF_CHECK(!ask(held, {.operation = "step"}, find_planted()));
  CAF_CHECK(everything->says("error", "revoked"));
  CAF_CHECK(everything->says("log", "operation=\"nightly report\""));
  CAF_CHECK(everything->says("log", "where=\"secrets_rig.cpp:"));
  CAF_CHECK(everything->says("leaks", "nightly report"));
  check("leaks");
}

CAF_TEST(a function that throws a secret tells it to its borrower alone) {
  const auto pool = start();
  std::string told;
  ask_run(self, pool, {.operation = "indiscreet"}, [](mongoc_client_t&) {
    throw std::runtime_error{planted("thrown")};
  }).receive([] {}, [&](const caf::error& why) { told = describe(why); });
  CAF_CHECK(told.find("function_failed") != told.npos);
  gather(pool);
  CAF_CHECK(everything->says("stats", ", "));
  check("functions");
}

CAF_TEST(a pool that is drained) {
  const auto pool = start();
  const auto held = lend(pool, {.operation = "kept"});
  CAF_CHECK(ask(held, {.operation = "step"}, find_planted()));
  db.drain(10ms);
  CAF_CHECK(!ask(held, {.operation = "late"}, find_planted()));
  CAF_CHECK(!ask(pool, {.operation = "later"}, find_planted()));
  CAF_CHECK(everything->says("error", "pool_closed"));
  gather(pool);
  check("drain");
}

CAF_TEST_FIXTURE_SCOPE_END()
