// What borrowers can ask, on a real server.
#define CAF_SUITE leases

#include "integration/rig.hpp"

#include "moor/mongo/handles.hpp"

using namespace moor;
using namespace moor::test;

namespace {

constexpr auto insert_three
  = R"({"insert": "fruit", "documents": [{"_id": 1, "n": 3}, {"_id": 2, "n": 4}, {"_id": 3, "n": 5}]})";

nlohmann::json parsed(const outcome<std::string>& got) {
  if (!got.value)
    CAF_FAIL(describe(got.error));
  return nlohmann::json::parse(*got.value);
}

std::int64_t count_fruit(mongoc_client_t& client) {
  mongo::collection_owner fruit{mongoc_client_get_collection(&client, "moor_test", "fruit")};
  bson_error_t error;
  const bson_t all = BSON_INITIALIZER;
  const auto n
    = mongoc_collection_count_documents(fruit.get(), &all, nullptr, nullptr, nullptr, &error);
  mongo::check(n >= 0, error);
  return n;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(lease_tests, server_rig)

CAF_TEST(a lease gives the client to its borrower) {
  const auto pool = start();
  auto got = lend(pool);
  CAF_REQUIRE(got.value);
  bson_error_t error;
  const mongo::bson_owner ping{BCON_NEW("ping", BCON_INT32(1))};
  CAF_CHECK(mongoc_client_command_simple(got.value->client(), "admin", ping.get(), nullptr, nullptr,
                                         &error));
  CAF_CHECK(got.value->age() > 0s);
  got.value->give_back();
  CAF_CHECK(eventually([&] { return stats(pool).available == 1; }));
}

CAF_TEST(command and run answer with what the server says) {
  const auto pool = start();
  CAF_CHECK_EQUAL(parsed(command(pool, insert_three)).at("n").get<int>(), 3);
  CAF_CHECK_EQUAL(run(pool, count_fruit).value.value_or(-1), 3);
  const auto sum = parsed(command(
    pool,
    R"({"aggregate": "fruit", "pipeline": [{"$group": {"_id": null, "sum": {"$sum": "$n"}}}], "cursor": {}})"));
  CAF_CHECK_EQUAL(sum.at("cursor").at("firstBatch").at(0).at("sum").get<int>(), 12);
}

CAF_TEST(an error of the server is answered and the connection stays) {
  const auto pool = start();
  parsed(command(pool, insert_three));
  CAF_CHECK(command(pool, R"({"noSuchCommand": 1})").refused(errc::operation_failed));
  const auto twice = run(pool, [](mongoc_client_t& client) {
    mongo::collection_owner fruit{mongoc_client_get_collection(&client, "moor_test", "fruit")};
    const mongo::bson_owner one{BCON_NEW("_id", BCON_INT32(1))};
    bson_error_t error;
    mongo::check(mongoc_collection_insert_one(fruit.get(), one.get(), nullptr, nullptr, &error),
                 error);
    return 0;
  });
  CAF_CHECK(twice.refused(errc::operation_failed));
  CAF_CHECK_EQUAL(stats(pool).total, 1u);
  CAF_CHECK_EQUAL(stats(pool).generation, 0u);
}

CAF_TEST(bytes that are no document are refused and harm nothing) {
  const auto pool = start();
  for (const auto& body : {document{{1, 2, 3, 4, 5, 6}}, document{{255, 255, 255, 127, 0}},
                           document{std::vector<std::uint8_t>(64, 0xff)}}) {
    caf::error got;
    ask_command(self, pool, {.operation = "bad"}, "moor_test", body)
      .receive([](document&) { CAF_FAIL("was accepted"); }, [&](caf::error& err) { got = err; });
    CAF_CHECK(code_of(got) == errc::invalid_argument);
  }
  CAF_CHECK(command(pool, R"({"ping": 1})").value);
}

CAF_TEST(a transaction takes its steps on one lease) {
  const auto pool = start();
  parsed(command(pool, R"({"create": "fruit"})"));
  auto got = lend(pool);
  CAF_REQUIRE(got.value);
  const auto committed = run(*got.value, [](mongoc_client_t& client) {
    bson_error_t error;
    mongo::session_owner session{mongoc_client_start_session(&client, nullptr, &error)};
    mongo::check(session != nullptr, error);
    mongo::check(mongoc_client_session_start_transaction(session.get(), nullptr, &error), error);
    mongo::collection_owner fruit{mongoc_client_get_collection(&client, "moor_test", "fruit")};
    for (const int id : {10, 11}) {
      mongo::bson_owner options{bson_new()};
      mongo::check(mongoc_client_session_append(session.get(), options.get(), &error), error);
      const mongo::bson_owner one{BCON_NEW("_id", BCON_INT32(id))};
      mongo::check(
        mongoc_collection_insert_one(fruit.get(), one.get(), options.get(), nullptr, &error),
        error);
    }
    bson_t reply;
    const auto ok = mongoc_client_session_commit_transaction(session.get(), &reply, &error);
    bson_destroy(&reply);
    mongo::check(ok, error);
    return true;
  });
  CAF_CHECK_EQUAL(committed.value.value_or(false), true);
  CAF_CHECK_EQUAL(run(*got.value, count_fruit).value.value_or(-1), 2);
  CAF_CHECK_EQUAL(stats(pool).granted, 2u); // the first command, and the lease
}

CAF_TEST(a change stream is followed on a dedicated lease) {
  const auto pool = start();
  parsed(command(pool, R"({"create": "fruit"})"));
  auto got = lend(pool, forever, true);
  CAF_REQUIRE(got.value);
  auto stream = std::make_shared<mongo::change_stream_owner>();
  const auto opened = run(*got.value, [stream](mongoc_client_t& client) {
    mongo::collection_owner fruit{mongoc_client_get_collection(&client, "moor_test", "fruit")};
    const bson_t pipeline = BSON_INITIALIZER;
    const mongo::bson_owner options{BCON_NEW("maxAwaitTimeMS", BCON_INT32(100))};
    stream->reset(mongoc_collection_watch(fruit.get(), &pipeline, options.get()));
    const bson_t* change = nullptr;
    return mongoc_change_stream_next(stream->get(), &change);
  });
  CAF_REQUIRE(opened.value);
  CAF_CHECK(!*opened.value);
  parsed(command(pool, insert_three));
  int seen = 0;
  CAF_CHECK(eventually([&] {
    const auto next = run(*got.value, [stream](mongoc_client_t&) {
      const bson_t* change = nullptr;
      int n = 0;
      while (mongoc_change_stream_next(stream->get(), &change))
        ++n;
      return n;
    });
    seen += next.value.value_or(0);
    return seen == 3;
  }));
  run(*got.value, [stream](mongoc_client_t&) {
    stream->reset();
    return 0;
  });
}

CAF_TEST(warming is seen by the server) {
  const auto pool = start();
  std::uint64_t established = 0;
  self->request(pool, forever, warm{4})
    .receive([&](const warmed& w) { established = w.established; },
             [](const caf::error& err) { CAF_FAIL(describe(err)); });
  CAF_CHECK_EQUAL(established, 4u);
  // The connector's probe may still be saying goodbye.
  CAF_CHECK(eventually([this] { return connections_at_server() == 4; }));
}

CAF_TEST(idle connections are closed and the server sees it) {
  config.max_idle_time = 100ms;
  const auto pool = start();
  CAF_CHECK(command(pool, R"({"ping": 1})").value);
  CAF_CHECK(eventually([&] { return stats(pool).total == 0; }));
  CAF_CHECK(eventually([&] { return connections_at_server() == 0; }));
}

CAF_TEST(a request that waits too long is refused and the next is served) {
  config.max_pool_size = 1;
  const auto pool = start();
  auto holder = lend(pool);
  CAF_REQUIRE(holder.value);
  CAF_CHECK(lend(pool, 50ms).refused(errc::wait_queue_timeout));
  CAF_CHECK(command(pool, R"({"ping": 1})", 50ms).refused(errc::wait_queue_timeout));
  holder.value->give_back();
  CAF_CHECK(lend(pool).value);
}

CAF_TEST(an operation that overruns its deadline is answered and its connection replaced) {
  const auto pool = start();
  CAF_CHECK(command(pool, R"({"ping": 1})").value);
  server.pause();
  const auto late = command(pool, R"({"ping": 1})", 200ms);
  server.resume();
  CAF_CHECK(late.refused(errc::operation_timeout));
  CAF_CHECK(eventually([&] { return command(pool, R"({"ping": 1})").value.has_value(); }));
  CAF_CHECK(eventually([&] { return stats(pool).out == 0; }));
  const auto s = stats(pool);
  CAF_CHECK_EQUAL(s.granted, s.returned + s.revoked);
}

CAF_TEST(closing everything leaves no connection at the server) {
  const auto pool = start();
  auto held = lend(pool);
  CAF_CHECK(command(pool, R"({"ping": 1})").value);
  const auto sum = db.drain(0s);
  CAF_CHECK_EQUAL(sum.cut_off, 1u);
  CAF_CHECK(eventually([&] { return connections_at_server() == 0; }));
}

CAF_TEST_FIXTURE_SCOPE_END()
