#include "operation.hpp"

#include <variant>

#include "moor/mongo/bson.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/use.hpp"

namespace compare {

namespace {

constexpr auto own_database = "moor_bench";
constexpr int documents = 1000;

moor::document json(const std::string& text) {
  return std::get<moor::document>(moor::mongo::from_json(text));
}

} // namespace

operation::operation(op which) : database_(which == op::ping ? "admin" : own_database) {
  if (which == op::ping) {
    commands_.push_back(json(R"({"ping": 1})"));
    return;
  }
  for (int i = 0; i < documents; ++i)
    commands_.push_back(json(R"({"find": "documents", "filter": {"_id": )" + std::to_string(i)
                             + R"(}, "limit": 1, "singleBatch": true})"));
}

void do_on(mongoc_client_t& client, const std::string& database, const moor::document& command) {
  bson_t reply;
  bson_error_t error;
  const bool ok = mongoc_client_command_simple(
    &client, database.c_str(), moor::mongo::bson_view{command}.get(), nullptr, &reply, &error);
  bson_destroy(&reply);
  moor::mongo::check(ok, error);
}

void prepare(mongoc_client_t& client, op which) {
  if (which == op::ping)
    return;
  tidy_up(client, which);
  std::string all;
  for (int i = 0; i < documents; ++i)
    all += (i == 0 ? "" : ", ") + (R"({"_id": )" + std::to_string(i)) + R"(, "text": "moor"})";
  do_on(client, own_database, json(R"({"insert": "documents", "documents": [)" + all + "]}"));
}

void tidy_up(mongoc_client_t& client, op which) {
  if (which == op::find)
    do_on(client, own_database, json(R"({"dropDatabase": 1})"));
}

} // namespace compare
