#include "support/plain_client.hpp"

#include <stdexcept>
#include <utility>
#include <variant>

#include "moor/mongo/bson.hpp"
#include "moor/mongo/library.hpp"
#include "moor/mongo/without_values.hpp"

namespace moor::test {

namespace {

mongo::client_owner make_client(const std::string& text) {
  const auto uri = parse_uri(text);
  for (const auto& [option, ms] : {std::pair{MONGOC_URI_SERVERSELECTIONTIMEOUTMS, 10'000},
                                   std::pair{MONGOC_URI_CONNECTTIMEOUTMS, 10'000},
                                   std::pair{MONGOC_URI_SOCKETTIMEOUTMS, 30'000}})
    mongoc_uri_set_option_as_int32(uri.get(), option, ms);
  mongo::client_owner client{mongoc_client_new_from_uri(uri.get())};
  if (!client)
    throw std::runtime_error("libmongoc cannot make a client of the connection string");
  return client;
}

std::string first_field(const bson_t* of) {
  bson_iter_t field;
  return bson_iter_init(&field, of) && bson_iter_next(&field) ? bson_iter_key(&field) : "";
}

} // namespace

mongo::uri_owner parse_uri(const std::string& text) {
  mongo::initialize_library();
  bson_error_t error{};
  mongo::uri_owner uri{mongoc_uri_new_with_error(text.c_str(), &error)};
  if (!uri)
    throw std::runtime_error("libmongoc refuses the connection string: "
                             + mongo::without_values(error.message));
  return uri;
}

std::string run_plain(const std::string& uri, const std::string& database,
                      std::string_view command) {
  const auto body = mongo::from_json(command);
  if (const auto* why = std::get_if<failure>(&body))
    throw std::invalid_argument(why->text);
  const auto client = make_client(uri);
  const mongo::bson_view view{std::get<document>(body)};
  bson_t reply;
  bson_error_t error{};
  const bool ok = mongoc_client_command_simple(client.get(), database.c_str(), view.get(), nullptr,
                                               &reply, &error);
  const mongo::bson_owner destroyed_at_end{&reply};
  if (!ok)
    throw std::runtime_error(first_field(view.get()) + " failed: " + error.message);
  return std::get<std::string>(mongo::to_json(mongo::to_document(reply)));
}

} // namespace moor::test
