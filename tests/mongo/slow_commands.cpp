#define CAF_SUITE mongo_slow_commands

// What a real server makes of commands that are watched.

#include <vector>

#include "mongo/server_rig.hpp"
#include "moor/mongo/handles.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

struct listener final : command_observer {
  void finished(const finished_command& what) override {
    if (what.slow)
      slow.emplace_back(what.command);
    else
      ++others;
    failed.push_back(what.failed);
  }
  std::vector<std::string> slow;
  int others = 0;
  std::vector<bool> failed;
};

struct fixture {
  fixture() {
    ours = established(server.uri("?directConnection=true"));
    answer(*ours, R"({"insert": "things", "documents": [{"_id": 1}]})");
    ours->observe({heard, 1, 1ns}); // everything is slow that is not excused
    ours->use_for(purpose{"test"});
  }

  embedded_server server;
  std::shared_ptr<listener> heard = std::make_shared<listener>();
  std::shared_ptr<connection> ours;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(slow_commands_tests, fixture)

CAF_TEST(a read of a change stream waits for data and is not slow) {
  const collection_owner things{mongoc_client_get_collection(ours->client(), "db", "things")};
  const bson_owner pipeline{bson_new()};
  change_stream_owner stream{mongoc_collection_watch(things.get(), pipeline.get(), nullptr)};
  const bson_t* change = nullptr;
  CAF_CHECK(!mongoc_change_stream_next(stream.get(), &change)); // waits for a second
  CAF_CHECK(!mongoc_change_stream_error_document(stream.get(), nullptr, nullptr));
  stream.reset();
  CAF_CHECK_EQUAL(heard->others, 1);
  CAF_CHECK_EQUAL(heard->slow, (std::vector<std::string>{"aggregate", "killCursors"}));
}

CAF_TEST(a read of a cursor that does not wait may be slow) {
  answer(*ours, R"({"insert": "things", "documents": [{"_id": 2}, {"_id": 3}]})");
  const collection_owner things{mongoc_client_get_collection(ours->client(), "db", "things")};
  const bson_owner all{bson_new()};
  const bson_owner options{BCON_NEW("batchSize", BCON_INT32(1))};
  const cursor_owner found{
    mongoc_collection_find_with_opts(things.get(), all.get(), options.get(), nullptr)};
  const bson_t* ignored = nullptr;
  while (mongoc_cursor_next(found.get(), &ignored))
    continue;
  CAF_CHECK_EQUAL(heard->others, 0);
  CAF_CHECK_EQUAL(heard->slow.at(1), "find");
  CAF_CHECK_EQUAL(heard->slow.at(2), "getMore");
}

CAF_TEST(what the server refuses has failed as has a write that it did not do) {
  answer(*ours, R"({"noSuchCommand": 1})");
  answer(*ours, R"({"insert": "things", "documents": [{"_id": 1}]})"); // is there
  answer(*ours, R"({"ping": 1})");
  CAF_CHECK_EQUAL(heard->failed, (std::vector<bool>{true, true, false}));
}

CAF_TEST_FIXTURE_SCOPE_END()
