#define CAF_SUITE mongo_scripted_set

// A replica set whose members change their parts, as libmongoc and moor see it.

#include "support/scripted_replica_set.hpp"

#include <filesystem>
#include <future>
#include <iterator>

#include "mongo/server_rig.hpp"
#include "moor/mongo/handles.hpp"
#include "support/plain_client.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

const std::string ping = R"({"ping": 1})";
const std::string insert = R"({"insert": "things", "documents": [{"a": 1}]})";
const std::string find = R"({"find": "things"})";
const std::string hello = R"({"hello": 1})";

struct fixture {
  scripted_replica_set set;
  /// Its clients say no goodbye, also those that have seen a failure.
  scripted_replica_set plain{{.sessions = false}};
};

/// Whether it becomes true before a test has waited too long.
template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + forever;
  while (!condition())
    if (std::chrono::steady_clock::now() > deadline)
      return false;
  return true;
}

collection_owner things_of(connection& client) {
  return collection_owner{mongoc_client_get_collection(client.client(), "db", "things")};
}

/// Inserts as a program does, by libmongoc, which may repeat it.
bool insert_one(connection& by) {
  const auto body = std::get<document>(from_json("{}"));
  return mongoc_collection_insert_one(things_of(by).get(), bson_view{body}.get(), nullptr, nullptr,
                                      nullptr);
}

/// Reads with the connection string's read preference.
bool find_some(connection& by) {
  const auto things = things_of(by);
  const auto filter = std::get<document>(from_json("{}"));
  const cursor_owner found{
    mongoc_collection_find_with_opts(things.get(), bson_view{filter}.get(), nullptr, nullptr)};
  const bson_t* ignored = nullptr;
  mongoc_cursor_next(found.get(), &ignored);
  return !mongoc_cursor_error(found.get(), nullptr);
}

/// A hello that is answered when the set has changed since `known`, the answer to an earlier one.
std::string awaiting(const document& known, std::chrono::milliseconds at_most) {
  const bson_view view{known};
  bson_iter_t field;
  std::uint32_t size = 0;
  const std::uint8_t* bytes = nullptr;
  if (!bson_iter_init_find(&field, view.get(), "topologyVersion"))
    CAF_FAIL("the hello has no topologyVersion");
  bson_iter_document(&field, &size, &bytes);
  return R"({"hello": 1, "topologyVersion": )"
         + std::get<std::string>(to_json(document{{bytes, bytes + size}}))
         + R"(, "maxAwaitTimeMS": )" + std::to_string(at_most.count()) + "}";
}

document say_hello(connection& to) {
  return std::get<document>(to.command("admin", std::get<document>(from_json(hello))));
}

std::size_t asked(const scripted_replica_set& all, const std::string& command) {
  return all.commands(0, command) + all.commands(1, command) + all.commands(2, command);
}

template <class Exception, class Deed>
bool throws(Deed deed) {
  try {
    deed();
    return false;
  } catch (const Exception&) {
    return true;
  }
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, {});
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(scripted_set_tests, fixture)

CAF_TEST(a client finds the primary and writes) {
  const auto ours = established(set.uri());
  CAF_CHECK(has(answer(*ours, insert), "\"n\" : 1"));
  CAF_CHECK(insert_one(*ours));
  CAF_CHECK_EQUAL(set.commands(0, "insert"), 2u);
  CAF_CHECK_EQUAL(set.commands(1) + set.commands(2), 0u);
  CAF_CHECK(set.primary() == std::optional<std::size_t>{0});
}

CAF_TEST(libmongoc by itself finds the primary) {
  set.elect(2);
  CAF_CHECK(has(run_plain(set.uri(), "db", insert), "\"n\" : 1"));
  CAF_CHECK_EQUAL(set.commands(2, "insert"), 1u);
}

CAF_TEST(a write that needs no answer gets none) {
  const auto ours = established(set.uri("&w=0"));
  CAF_CHECK(insert_one(*ours));
  CAF_CHECK(!ours->ping(forever));
  CAF_CHECK_EQUAL(set.commands(0, "insert"), 1u);
}

CAF_TEST(a primary that stepped down and the one after it) {
  const auto ours = established(plain.uri());
  plain.step_down();
  CAF_CHECK(!plain.primary());
  const auto got = failure_of(*ours, insert);
  CHECK_FAILURE(got, errc::server_state_changed, spoils::generation);
  CAF_CHECK_EQUAL(got.driver_code, 10107);
  CAF_CHECK(established(plain.uri())->read_only());
  plain.elect(1);
  const auto fresh = established(plain.uri());
  CAF_CHECK(has(answer(*fresh, insert), "\"n\" : 1"));
  CAF_CHECK_EQUAL(plain.commands(1, "insert"), 1u);
}

CAF_TEST(a read that wants the primary and meets a secondary) {
  const auto ours = established(plain.uri());
  plain.elect(1);
  const auto got = failure_of(*ours, find);
  CHECK_FAILURE(got, errc::server_state_changed, spoils::generation);
  CAF_CHECK_EQUAL(got.driver_code, 13435);
}

CAF_TEST(commands in flight end with the primary) {
  for (const auto why :
       {interruption::shutdown, interruption::stepped_down, interruption::state_changed}) {
    plain.elect(0);
    const auto ours = established(plain.uri());
    const auto before = plain.commands(0, "insert");
    plain.slow(0, forever * 10);
    auto in_flight = std::async(std::launch::async, [&] { return failure_of(*ours, insert); });
    CAF_CHECK(eventually([&] { return plain.commands(0, "insert") > before; }));
    plain.step_down(why);
    const auto got = in_flight.get();
    CHECK_FAILURE(got, errc::server_state_changed, spoils::generation);
    CAF_CHECK_EQUAL(got.driver_code, static_cast<std::int32_t>(why));
    plain.slow(0, 0ms);
  }
}

CAF_TEST(a retryable write goes to the next primary and the change is seen all the same) {
  const auto ours = established(set.uri());
  set.elect(1);
  CAF_CHECK(insert_one(*ours));
  CAF_CHECK_EQUAL(set.commands(1, "insert"), 1u);
  const auto seen = ours->take_failure();
  CAF_REQUIRE(seen.has_value());
  CHECK_FAILURE(*seen, errc::server_state_changed, spoils::generation);
}

CAF_TEST(reads go on at secondaries without a primary) {
  const auto ours = established(set.uri("&readPreference=secondaryPreferred"));
  CAF_CHECK(find_some(*ours));
  CAF_CHECK_EQUAL(set.commands(0, "find"), 0u);
  set.step_down();
  CAF_CHECK(find_some(*ours));
  CAF_CHECK_EQUAL(asked(set, "find"), 2u);
  CAF_CHECK(!ours->take_failure());
}

CAF_TEST(a secondary that lags is not read from) {
  set.lag(1, 10min);
  const auto ours = established(set.uri("&readPreference=secondary&maxStalenessSeconds=90"));
  for (int i = 0; i < 5; ++i)
    CAF_CHECK(find_some(*ours));
  CAF_CHECK_EQUAL(set.commands(2, "find"), 5u);
}

CAF_TEST(a member that goes away and comes back) {
  const auto ours = established(plain.uri_of(1));
  const auto uri = plain.uri_of(1);
  plain.stop(1);
  CHECK_FAILURE(failure_of(*ours, ping), errc::connection_lost, spoils::generation);
  CHECK_FAILURE(refusal(settings_with(uri)), errc::connect_failed, spoils::connection);
  CAF_CHECK_EQUAL(plain.open(1), 0u);
  established(plain.uri()); // the others are enough
  plain.start(1);
  CAF_CHECK(!established(uri)->ping(forever));
}

CAF_TEST(a primary that goes away leaves none) {
  const auto ours = established(plain.uri());
  plain.stop(0);
  CHECK_FAILURE(failure_of(*ours, insert), errc::connection_lost, spoils::generation);
  CAF_CHECK(!plain.primary());
  CAF_CHECK(established(plain.uri())->read_only());
  plain.elect(1);
  CAF_CHECK(!established(plain.uri())->read_only());
  plain.start(0);
  CAF_CHECK(plain.primary() == std::optional<std::size_t>{1});
  established(plain.uri_of(0));
}

CAF_TEST(a member that is not there cannot be asked for anything) {
  CAF_CHECK(throws<std::out_of_range>([&] { set.stop(3); }));
  set.stop(1);
  CAF_CHECK(throws<std::logic_error>([&] { set.elect(1); }));
}

CAF_TEST(a hello that is refused for overload names the code) {
  const auto before = established(set.uri());
  for (std::size_t i = 0; i < 3; ++i)
    set.overload(i, true);
  for (const auto& uri : {set.uri(), set.uri_of(1)}) {
    const auto got = refusal(settings_with(uri));
    CHECK_FAILURE(got, errc::connect_failed, spoils::connection);
    CAF_CHECK_EQUAL(got.driver_code, 462);
    CAF_CHECK(has(got.text, "462 (IngressRequestRateLimitExceeded)"));
  }
  CAF_CHECK(has(answer(*before, insert), "\"n\" : 1")); // who is in stays in
  for (std::size_t i = 0; i < 3; ++i)
    set.overload(i, false);
  established(set.uri());
}

CAF_TEST(a secondary by itself is read from and not written to) {
  const auto ours = established(set.uri_of(1));
  CAF_CHECK(!ours->ping(forever));
  CAF_CHECK(has(answer(*ours, find), "db.things"));
  CAF_CHECK(has(answer(*ours, R"({"serverStatus": 1})"), "\"current\" : 1"));
  CAF_CHECK_EQUAL(failure_of(*ours, insert).driver_code, 10107);
  CAF_CHECK_EQUAL(set.open(0) + set.open(2), 0u);
}

CAF_TEST(an awaitable hello is answered when the set changes) {
  const auto ours = established(set.uri_of(1));
  const auto known = say_hello(*ours);
  CAF_CHECK(has(answer(*ours, awaiting(known, 1ms)), "\"secondary\" : true"));
  const auto before = set.hellos(1);
  // Longer than the socket timeout: only the change can end it in time.
  auto next
    = std::async(std::launch::async, [&] { return answer(*ours, awaiting(known, forever * 10)); });
  CAF_CHECK(eventually([&] { return set.hellos(1) > before; }));
  set.elect(1);
  CAF_CHECK(has(next.get(), "\"isWritablePrimary\" : true"));
  // What is known is no longer so: no reason to wait.
  CAF_CHECK(has(answer(*ours, awaiting(known, forever * 10)), "\"isWritablePrimary\" : true"));
}

CAF_TEST(nothing is left open) {
  const auto all_left = [&] { return set.open(0) + set.open(1) + set.open(2) == 0; };
  established(set.uri());
  CAF_CHECK(eventually(all_left));
  const auto before = open_descriptors();
  {
    scripted_replica_set another;
    const auto ours = established(another.uri());
    CAF_CHECK_EQUAL(another.open(0) + another.open(1) + another.open(2), 3u);
    const auto direct = established(another.uri_of(2));
    CAF_CHECK_EQUAL(another.open(2), 2u);
  }
  CAF_CHECK_EQUAL(open_descriptors(), before);
}

// libmongoc, before its version 1.25, holds a lock while it dials anew a server that it knew and
// lost, and takes it once more if no stream comes of that. (CDRIVER-4666)

CAF_TEST(a connection that met a step down can be closed) {
  auto ours = established(set.uri());
  set.step_down();
  CAF_CHECK_EQUAL(failure_of(*ours, insert).driver_code, 10107);
  ours.reset();
}

CAF_TEST(an interrupted connection fails when it has to look at its servers) {
  for (const auto& uri : {set.uri(), set.uri_of(0)}) {
    const auto ours = established(uri + "&heartbeatFrequencyMS=500");
    const auto before = set.hellos(0);
    CAF_CHECK(eventually([&] { return !ours->ping(forever) && set.hellos(0) > before; }));
    std::this_thread::sleep_for(600ms); // the next look is due
    ours->interrupt();
    CAF_CHECK(ours->ping(forever).has_value());
  }
}

CAF_TEST(an overloaded primary is named whoever answers last) {
  set.overload(0, true);
  for (std::size_t slowest = 0; slowest < 3; ++slowest) {
    set.slow(slowest, 300ms);
    CAF_CHECK_EQUAL(refusal(settings_with(set.uri())).driver_code, 462);
    set.slow(slowest, 0ms);
  }
}

CAF_TEST(a connection for reading at secondaries is established without a primary) {
  set.step_down();
  const auto ours = established(set.uri("&readPreference=secondaryPreferred"));
  CAF_CHECK(ours->read_only());
  CAF_CHECK(find_some(*ours));
}

CAF_TEST(a connection without a primary reads at secondaries) {
  const auto before = established(set.uri());
  CAF_CHECK(!before->read_only());
  set.step_down();
  const auto ours = established(set.uri());
  CAF_CHECK(ours->read_only());
  CAF_CHECK(find_some(*ours));
  CAF_CHECK(has(answer(*ours, find), "db.things"));
  CAF_CHECK(!ours->ping(forever));
  CAF_CHECK(!ours->take_failure());
  CAF_CHECK_EQUAL(asked(set, "find"), 2u);
  set.elect(1);
  CAF_CHECK(!established(set.uri())->read_only());
}

CAF_TEST(a primary that is not there leaves the others to be read from) {
  set.stop(0);
  const auto ours = established(set.uri());
  CAF_CHECK(ours->read_only());
  CAF_CHECK(find_some(*ours));
}

CAF_TEST(a connection string that wants secondaries is not changed for want of a primary) {
  set.step_down();
  set.lag(1, 10min);
  set.lag(2, 10min);
  const auto ours = established(set.uri("&readPreference=secondary&maxStalenessSeconds=90"));
  for (int i = 0; i < 5; ++i)
    CAF_CHECK(find_some(*ours));
  CAF_CHECK_EQUAL(set.commands(0, "find"), 5u);
}

// It takes what it is told by a secondary for news only where it took that for the primary.
CAF_TEST(a write at what is known to be a secondary spoils nothing) {
  set.step_down();
  for (const auto& uri : {set.uri(), set.uri_of(1)}) {
    const auto ours = established(uri);
    const auto got = failure_of(*ours, insert);
    CHECK_FAILURE(got, errc::read_only, spoils::nothing);
    CAF_CHECK_EQUAL(got.driver_code, 10107);
    CAF_CHECK(!ours->take_failure());
    CAF_CHECK(has(answer(*ours, find), "db.things"));
    CAF_CHECK(!ours->take_failure());
  }
  const auto direct = established(set.uri_of(1));
  CAF_CHECK(!insert_one(*direct));
  CAF_CHECK(!direct->take_failure());
  CAF_CHECK(find_some(*direct));
  CAF_CHECK(!direct->take_failure());
}

CAF_TEST(an error that a function was given is weighed by what its connection knows) {
  const failure said{errc::server_state_changed, spoils::generation, 10107, "not primary"};
  const auto primary = established(set.uri());
  CAF_CHECK(primary->weighed(said).reach == spoils::generation);
  const auto secondary = established(set.uri_of(1));
  CHECK_FAILURE(secondary->weighed(said), errc::read_only, spoils::nothing);
  auto shutdown = said;
  shutdown.driver_code = 91;
  CAF_CHECK(secondary->weighed(shutdown).reach == spoils::generation);
}

// After a search for a server that was in vain, libmongoc sleeps up to half a second before the
// next; nothing tells that its user met one.
CAF_TEST(a client that others used fits a fiber again after a command of ours) {
  plain.step_down();
  const auto ours = established(plain.uri());
  CAF_CHECK(ours->fits_fiber());
  CAF_CHECK(!insert_one(*ours));
  CAF_CHECK(!ours->take_failure());
  CAF_CHECK(!ours->fits_fiber());
  CAF_CHECK(has(answer(*ours, find), "db.things"));
  CAF_CHECK(ours->fits_fiber());
  CAF_CHECK_EQUAL(failure_of(*ours, insert).driver_code, 10107);
  CAF_CHECK(!ours->fits_fiber());
}

CAF_TEST_FIXTURE_SCOPE_END()
