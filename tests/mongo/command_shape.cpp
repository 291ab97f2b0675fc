#define CAF_SUITE mongo_command_shape

// What a log line may hold of a command: names, and never a value.

#include "moor/mongo/command_shape.hpp"

#include <string>
#include <utility>

#include <caf/test/unit_test.hpp>

#include "moor/mongo/bson.hpp"

using namespace moor;
using namespace moor::mongo;

namespace {

std::string shape_of(const std::string& name, const std::string& json) {
  const auto body = std::get<document>(from_json(json));
  std::string shape = "of the command before";
  write_shape(name, *bson_view{body}.get(), shape);
  return shape;
}

std::string shape_of(const bson_t* command) {
  std::string shape;
  write_shape("find", *command, shape);
  return shape;
}

std::string collection_in(const std::string& name, const std::string& json) {
  const auto body = std::get<document>(from_json(json));
  return std::string{collection_of(name, *bson_view{body}.get())};
}

bool waits(const std::string& name, const std::string& json) {
  const auto body = std::get<document>(from_json(json));
  return opens_waiting_cursor(name, *bson_view{body}.get());
}

} // namespace

CAF_TEST(a shape has the names of the fields and no values) {
  const std::pair<const char*, const char*> cases[] = {
    {R"({"find": "secret"})", "{}"},
    {R"({"find": "c", "filter": {}})", "{filter: {}}"},
    {R"({"find": "c", "filter": {"age": {"$gt": 30}, "name": "secret"}, "sort": {"age": 1}, "limit": 9})",
     "{filter: {age: {$gt}, name}, sort: {age}, limit}"},
    {R"({"find": "c", "filter": {"a": {"$in": [1, "secret", 3]}}})", "{filter: {a: {$in}}}"},
    {R"({"find": "c", "filter": {"a": {"$date": 0}, "b": {"$oid": "0123456789abcdef01234567"}}})",
     "{filter: {a, b}}"},
    {R"({"aggregate": "c", "pipeline": [], "cursor": {}})", "{pipeline: [], cursor: {}}"},
    {R"({"aggregate": "c", "pipeline": [{"$match": {"a": 1}}, {"$group": {"_id": "$secret", "n": {"$sum": 1}}}]})",
     "{pipeline: [{$match: {a}}, {$group: {_id, n: {$sum}}}]}"},
    {R"({"explain": {"find": "secret", "filter": {"a": 1}}, "verbosity": "secret"})",
     "{explain: {find, filter: {a}}, verbosity}"},
    {R"({"ping": 1})", "{}"},
    {"{}", "{}"},
  };
  for (const auto& [json, expected] : cases)
    CAF_CHECK_EQUAL(shape_of("some", json), expected);
}

CAF_TEST(equal neighbours in an array are shown once) {
  CAF_CHECK_EQUAL(
    shape_of(
      "insert",
      R"({"insert": "c", "documents": [{"_id": 1, "a": "x"}, {"_id": 2, "a": "y"}, {"b": 1}]})"),
    "{documents: [{_id, a}, {b}]}");
  CAF_CHECK_EQUAL(shape_of("find", R"({"find": "c", "filter": {"$or": [{"a": 1}, 5, {"a": 2}]}})"),
                  "{filter: {$or: [{a}]}}");
  CAF_CHECK_EQUAL(shape_of("find", R"({"find": "c", "at": [[[1, 2], [3, 4]], [[5, 6]]]})"),
                  "{at: [[[]]]}");
}

CAF_TEST(what drivers add for themselves is left out) {
  CAF_CHECK_EQUAL(
    shape_of("find",
             R"({"find": "c", "limit": 1, "lsid": {"id": "secret"}, "$db": "d", "txnNumber": 7,)"
             R"( "$clusterTime": {"signature": {"hash": 1}}, "$readPreference": {"mode": "x"}})"),
    "{limit}");
}

CAF_TEST(promise secrets : commands of authentication have no shape) {
  for (const auto* name : {"authenticate", "saslStart", "SASLSTART", "saslContinue", "createUser",
                           "updateUser", "hello", "ismaster", "copydbgetnonce"})
    CAF_CHECK_EQUAL(shape_of(name, R"({"x": 1, "payload": "secret", "user": {"name": "secret"}})"),
                    "");
}

CAF_TEST(a name cannot pass for something else) {
  const bson_owner command{bson_new()};
  BSON_APPEND_INT32(command.get(), "find", 1);
  BSON_APPEND_INT32(command.get(), "a\"b\n{c}: [d], \\e\x01\x7f", 1);
  BSON_APPEND_INT32(command.get(),
                    "gr\xc3\xb6\xc3\x9f"
                    "e",
                    1);
  BSON_APPEND_INT32(command.get(), "\xff\xfe", 1);
  BSON_APPEND_INT32(command.get(), "", 1);
  BSON_APPEND_INT32(command.get(), "with space.and.dots", 1);
  CAF_CHECK_EQUAL(shape_of(command.get()),
                  "{a_b__c__ _d__ _e__, gr____e, __, , with space.and.dots}");
}

CAF_TEST(promise bounds : a shape ends where it becomes too long or too deep) {
  const bson_owner command{bson_new()};
  BSON_APPEND_INT32(command.get(), "find", 1);
  BSON_APPEND_INT32(command.get(), std::string(1000, 'x').c_str(), 1);
  CAF_CHECK_EQUAL(shape_of(command.get()), "{" + std::string(64, 'x') + "...}");
  for (int i = 0; i < 10000; ++i)
    BSON_APPEND_INT32(command.get(), ("field" + std::to_string(i)).c_str(), i);
  const auto wide = shape_of(command.get());
  CAF_CHECK(wide.size() <= longest_shape);
  CAF_CHECK(wide.ends_with("..."));
  std::string json = "1";
  for (int i = 0; i < 90; ++i)
    json = R"({"a": )" + json + "}";
  CAF_CHECK_EQUAL(shape_of("find", R"({"find": 1, "filter": )" + json + "}"),
                  "{filter: {a: {a: {a: {a: {a: {...}}}}}}}");
}

CAF_TEST(promise bounds : of an array only the first elements are looked at) {
  std::string same = R"({"a": 0})";
  std::string numbers = "0";
  for (int i = 1; i < 1000; ++i) {
    same += R"(, {"a": )" + std::to_string(i) + "}";
    numbers += ", " + std::to_string(i);
  }
  CAF_CHECK_EQUAL(shape_of("insert", R"({"insert": "c", "documents": [)" + same + "]}"),
                  "{documents: [{a}, ...]}");
  CAF_CHECK_EQUAL(shape_of("find", R"({"find": "c", "filter": {"a": {"$in": [)" + numbers
                                     + R"(]}}, "limit": 1})"),
                  "{filter: {a: {$in}}, limit}");
}

CAF_TEST(the collection is told of commands that have one) {
  CAF_CHECK_EQUAL(collection_in("find", R"({"find": "things"})"), "things");
  CAF_CHECK_EQUAL(collection_in("getMore", R"({"getMore": 12, "collection": "things"})"), "things");
  CAF_CHECK_EQUAL(collection_in("aggregate", R"({"aggregate": 1})"), "");
  CAF_CHECK_EQUAL(collection_in("dropUser", R"({"dropUser": "secret"})"), "");
  CAF_CHECK_EQUAL(collection_in("find", "{}"), "");
  CAF_CHECK_EQUAL(collection_in("getMore", R"({"getMore": 12})"), "");
}

CAF_TEST(cursors that wait for data are told from others) {
  CAF_CHECK(waits("aggregate", R"({"aggregate": "c", "pipeline": [{"$changeStream": {}}]})"));
  CAF_CHECK(!waits("aggregate", R"({"aggregate": "c", "pipeline": [{"$match": {}}]})"));
  CAF_CHECK(!waits("aggregate", R"({"aggregate": "c"})"));
  CAF_CHECK(waits("find", R"({"find": "c", "tailable": true, "awaitData": true})"));
  CAF_CHECK(!waits("find", R"({"find": "c", "awaitData": false})"));
  CAF_CHECK(!waits("find", R"({"find": "c"})"));
  CAF_CHECK(!waits("getMore", R"({"getMore": 1, "awaitData": true})"));
}
