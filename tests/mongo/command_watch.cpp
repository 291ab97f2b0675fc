#define CAF_SUITE mongo_command_watch

// What an observer is told of the commands on a connection, whoever sends them. The server is
// scripted: it answers everything, and as slowly as it is told to.

#include <array>
#include <vector>

#include "mongo/server_rig.hpp"
#include "moor/messages/requests.hpp"
#include "moor/mongo/command_watch.hpp"
#include "moor/mongo/handles.hpp"
#include "support/plants.hpp"
#include "support/scripted_replica_set.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

/// A copy of what was told.
struct told {
  std::string operation, command, database, collection, shape, server;
  duration took{0}, threshold{0};
  bool failed = false, slow = false;
  connection_id connection = 0;
};

class listener final : public command_observer {
public:
  void finished(const finished_command& what) override {
    all.push_back({std::string{what.operation}, std::string{what.command},
                   std::string{what.database}, std::string{what.collection},
                   std::string{what.shape}, std::string{what.server}, what.took, what.threshold,
                   what.failed, what.slow, what.connection});
  }

  std::vector<told> all;
};

struct fixture {
  explicit fixture() {
    ours = established(set.uri_of(0));
    observe(0s);
  }

  void observe(duration slow_after) { ours->observe({heard, 7, slow_after}); }

  void use_for(std::string operation, duration slow_after = 0s) {
    ours->use_for(purpose{std::move(operation), slow_after});
  }

  /// By libmongoc's own functions, as a borrower of the client does.
  void insert(std::size_t documents) {
    const collection_owner things{mongoc_client_get_collection(ours->client(), "db", "things")};
    const bson_owner one{
      BCON_NEW("name", BCON_UTF8(planted("name").c_str()), "age", BCON_INT32(30))};
    std::array<const _bson_t*, 3> all{one.get(), one.get(), one.get()};
    mongoc_collection_insert_many(things.get(), all.data(), documents, nullptr, nullptr, nullptr);
  }

  scripted_replica_set set{{.members = 1, .sessions = false}};
  std::shared_ptr<listener> heard = std::make_shared<listener>();
  std::shared_ptr<connection> ours;
};

/// Every command takes longer than that.
constexpr duration shortest = 1ns;

const std::string find = R"({"find": "things", "filter": {"name": ")" + planted("name") + "\"}}";

} // namespace

CAF_TEST_FIXTURE_SCOPE(command_watch_tests, fixture)

CAF_TEST(nobody is told of what has no purpose) {
  answer(*ours, find);
  CAF_CHECK(!ours->ping(forever));
  CAF_CHECK(heard->all.empty());
}

CAF_TEST(pings by moor itself have no purpose) {
  observe(shortest);
  use_for("lease");
  CAF_CHECK(!ours->ping(forever));
  CAF_CHECK(heard->all.empty());
  answer(*ours, find);
  CAF_CHECK_EQUAL(heard->all.size(), 1u);
}

CAF_TEST(the end of a connection is no command of its last operation) {
  scripted_replica_set with_sessions{{.members = 1}};
  ours = established(with_sessions.uri_of(0));
  observe(shortest);
  use_for("last");
  answer(*ours, R"({"find": "things"})");
  insert(1);
  CAF_CHECK_EQUAL(heard->all.size(), 2u);
  ours.reset();
  CAF_CHECK_EQUAL(with_sessions.commands(0, "endSessions"), 1u);
  CAF_CHECK_EQUAL(heard->all.size(), 2u);
}

CAF_TEST(a command through the port is told by the name of its operation) {
  use_for("report");
  answer(*ours, find);
  CAF_REQUIRE_EQUAL(heard->all.size(), 1u);
  const auto& t = heard->all[0];
  CAF_CHECK_EQUAL(t.operation, "report");
  CAF_CHECK(t.took > 0s);
  CAF_CHECK(!t.failed);
  CAF_CHECK(!t.slow);
}

CAF_TEST(a slow command is told with its names and none of its values) {
  observe(shortest);
  use_for("report");
  answer(*ours, find);
  CAF_REQUIRE_EQUAL(heard->all.size(), 1u);
  const auto& t = heard->all[0];
  CAF_CHECK(t.slow);
  CAF_CHECK_EQUAL(t.command, "find");
  CAF_CHECK_EQUAL(t.database, "db");
  CAF_CHECK_EQUAL(t.collection, "things");
  CAF_CHECK_EQUAL(t.shape, "{filter: {name}}");
  CAF_CHECK_EQUAL(t.server, set.address_of(0));
  CAF_CHECK_EQUAL(t.connection, 7u);
  CAF_CHECK(t.threshold == shortest);
}

CAF_TEST(what libmongoc sends for a borrower is told with the names in its documents) {
  observe(shortest);
  use_for("import");
  insert(3);
  CAF_REQUIRE_EQUAL(heard->all.size(), 1u);
  const auto& t = heard->all[0];
  CAF_CHECK_EQUAL(t.command, "insert");
  CAF_CHECK_EQUAL(t.collection, "things");
  CAF_CHECK(has(t.shape, "documents: [{_id, name, age}]"));
  CAF_CHECK(!find_plant(t.shape));
}

CAF_TEST(a command within its threshold is not slow) {
  observe(forever);
  use_for("report");
  answer(*ours, find);
  CAF_CHECK(!heard->all.at(0).slow);
  CAF_CHECK_EQUAL(heard->all.at(0).shape, "");
}

CAF_TEST(an answer that is kept back counts) {
  observe(20ms);
  set.slow(0, 30ms);
  use_for("report");
  answer(*ours, find);
  CAF_CHECK(heard->all.at(0).slow);
  CAF_CHECK(heard->all.at(0).took >= 30ms);
}

CAF_TEST(the threshold of a purpose wins over that of the connection) {
  use_for("strict", shortest);
  answer(*ours, find);
  CAF_CHECK(heard->all.at(0).slow);
  CAF_CHECK(heard->all.at(0).threshold == shortest);
  use_for("plain");
  answer(*ours, find);
  CAF_CHECK(!heard->all.at(1).slow);
  observe(shortest);
  use_for("patient", forever);
  answer(*ours, find);
  CAF_CHECK(!heard->all.at(2).slow);
  use_for("plain");
  answer(*ours, find);
  CAF_CHECK_EQUAL(heard->all.at(3).shape, "{filter: {name}}");
}

CAF_TEST(started events are wanted only where something may be slow) {
  command_watch watch;
  const auto wanted = [&](duration of_connection, std::optional<purpose> what) {
    watch.observe({heard, 1, of_connection});
    watch.use_for(std::move(what));
    return watch.may_be_slow();
  };
  CAF_CHECK(wanted(100ms, purpose{"report", 0s}));
  CAF_CHECK(wanted(0s, purpose{"report", 1s}));
  CAF_CHECK(!wanted(0s, purpose{"report", 0s}));
  CAF_CHECK(!wanted(100ms, purpose{"import", longest_timeout}));
  CAF_CHECK(!wanted(longest_timeout, purpose{"import", 0s}));
  CAF_CHECK(!wanted(100ms, std::nullopt));
}

CAF_TEST(whoever has the client in turns with moor is seen in full) {
  observe(shortest);
  use_for("report");
  for (int i = 0; i < 2; ++i) {
    answer(*ours, find);
    insert(1);
    insert(1);
  }
  CAF_REQUIRE_EQUAL(heard->all.size(), 6u);
  for (const auto& t : heard->all) {
    CAF_CHECK(t.slow);
    CAF_CHECK_EQUAL(t.database, "db");
    CAF_CHECK_EQUAL(t.collection, "things");
    CAF_CHECK(!t.shape.empty());
  }
}

CAF_TEST(a purpose is handed back and restored) {
  CAF_CHECK(!ours->use_for(purpose{"lease", 5s}));
  auto before = ours->use_for(purpose{"job", 0s});
  CAF_REQUIRE(before);
  CAF_CHECK_EQUAL(before->operation, "lease");
  CAF_CHECK(before->slow_after == 5s);
  ours->use_for(std::move(before));
  answer(*ours, find);
  CAF_CHECK_EQUAL(heard->all.at(0).operation, "lease");
}

CAF_TEST(a command that its server does not survive has failed) {
  use_for("report");
  set.stop(0);
  answer(*ours, find);
  for (const auto& t : heard->all) // none if libmongoc noticed before it was sent
    CAF_CHECK(t.failed);
}

CAF_TEST(promise bounds : names are cut) {
  observe(shortest);
  use_for("report");
  answer(*ours, R"({")" + std::string(5000, 'x') + R"(": 1})");
  answer(*ours, R"({"find": ")" + std::string(5000, 'x') + R"("})");
  for (const auto& t : heard->all) {
    CAF_CHECK(t.command.size() <= 128);
    CAF_CHECK(t.collection.size() <= 128);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
