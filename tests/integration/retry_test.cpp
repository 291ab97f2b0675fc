// Retries against errors of a real server.
#define CAF_SUITE retries_at_a_server

#include "integration/rig.hpp"

#include "moor/mongo/handles.hpp"
#include "moor/mongo/use.hpp"

using namespace moor;
using namespace moor::test;

namespace {

struct retry_rig : server_rig {
  retry_rig() {
    config.request_retry = {.budget = 1, .first_delay = 10ms, .longest_delay = 5s};
    pool = start();
    for (int i = 0; i < 10; ++i) // deposits
      command(pool, R"({"ping": 1})");
  }

  ~retry_rig() { server.run("admin", R"({"configureFailPoint": "failCommand", "mode": "off"})"); }

  /// The next `times` commands of that name are answered with an error.
  void fail(int times, const std::string& name, const std::string& how) {
    server.run("admin", R"({"configureFailPoint": "failCommand", "mode": {"times": )"
                          + std::to_string(times) + R"(}, "data": {"failCommands": [")" + name
                          + "\"], " + how + "}}");
  }

  static request_options options(std::uint32_t attempts) {
    return {
      .operation = "test", .timeout = forever, .retry = {.idempotent = true, .attempts = attempts}};
  }

  caf::error try_command(std::uint32_t attempts, std::string_view json = R"({"find": "things"})") {
    caf::error got;
    ask_command(self, pool, options(attempts), "moor_test",
                std::get<document>(mongo::from_json(json)))
      .receive([](const document&) {}, [&](caf::error& err) { got = std::move(err); });
    return got;
  }

  /// The same by libmongoc, in a function of the borrower's.
  caf::error try_run(std::uint32_t attempts) {
    caf::error got;
    ask_run(self, pool, options(attempts), [](mongoc_client_t& client) {
      const auto find = std::get<document>(mongo::from_json(R"({"find": "things"})"));
      bson_error_t error;
      const mongo::bson_view body{find};
      mongo::check(
        mongoc_client_command_simple(&client, "moor_test", body.get(), nullptr, nullptr, &error),
        error);
      return true;
    }).receive([](bool) {}, [&](caf::error& err) { got = std::move(err); });
    return got;
  }

  pool_actor pool;
};

const std::string overload = R"("errorCode": 462, "errorLabels": ["SystemOverloadedError")";

} // namespace

CAF_TEST_FIXTURE_SCOPE(retry_tests, retry_rig)

CAF_TEST(a server that shuts down once is asked again) {
  fail(1, "find", R"("errorCode": 91)");
  // The pool is cleared for it: some attempts may find that it has not seen the server again yet.
  CAF_CHECK(!try_command(most_attempts));
  CAF_CHECK_GREATER_OR_EQUAL(stats(pool).retried, 1u);
}

CAF_TEST(without leave the first error is the answer) {
  fail(1, "find", R"("errorCode": 91)");
  CAF_CHECK(code_of(try_command(1)) == errc::server_state_changed);
  CAF_CHECK_EQUAL(stats(pool).retried, 0u);
}

CAF_TEST(an overloaded server that permits it is asked again and its pool stands) {
  fail(2, "find", overload + R"(, "RetryableError"])");
  CAF_CHECK(!try_command(3));
  fail(2, "find", overload + R"(, "RetryableError"])");
  CAF_CHECK(!try_run(3));
  CAF_CHECK_EQUAL(stats(pool).retried, 4u);
  CAF_CHECK_EQUAL(stats(pool).generation, 0u);
}

CAF_TEST(an overloaded server that does not permit it is left alone) {
  fail(1, "find", overload + "]");
  CAF_CHECK(code_of(try_command(3)) == errc::operation_failed);
  fail(1, "find", overload + "]");
  CAF_CHECK(code_of(try_run(3)) == errc::operation_failed);
  CAF_CHECK_EQUAL(stats(pool).retried, 0u);
}

CAF_TEST(a mistake of the request is made once) {
  CAF_CHECK(code_of(try_command(3, R"({"noSuchCommand": 1})")) == errc::operation_failed);
  CAF_CHECK_EQUAL(stats(pool).retried, 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
