#include "spec/endpoint.hpp"

#include <stdexcept>
#include <utility>
#include <variant>

#include "moor/mongo/bson.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/library.hpp"
#include "moor/mongo/without_values.hpp"

namespace moor::test::spec {

namespace {

constexpr std::int32_t patience_ms = 10'000;

mongo::uri_owner parse(const std::string& text) {
  bson_error_t error{};
  mongo::uri_owner uri{mongoc_uri_new_with_error(text.c_str(), &error)};
  if (!uri)
    throw std::runtime_error("libmongoc refuses the connection string: "
                             + mongo::without_values(error.message));
  return uri;
}

/// The string names one server; what follows is added so that the driver does not look for others.
std::string direct(const std::string& text) {
  const auto uri = parse(text);
  if (mongoc_uri_get_srv_hostname(uri.get()) != nullptr)
    throw std::runtime_error(
      "the connection string is mongodb+srv, required is one naming a server");
  if (mongoc_uri_get_hosts(uri.get())->next != nullptr)
    throw std::runtime_error("the connection string names several servers, required is one");
  if (mongoc_uri_has_option(uri.get(), MONGOC_URI_DIRECTCONNECTION))
    return text;
  const auto path = text.find_first_of("/?", text.find("://") + 3);
  const auto* separator = path == text.npos || text[path] == '?' ? "/?"
                          : text.find('?', path) == text.npos    ? "?"
                                                                 : "&";
  return text + separator + "directConnection=true";
}

mongo::client_owner make_client(const std::string& text) {
  const auto uri = parse(text);
  for (const auto* option : {MONGOC_URI_SERVERSELECTIONTIMEOUTMS, MONGOC_URI_CONNECTTIMEOUTMS,
                             MONGOC_URI_SOCKETTIMEOUTMS})
    mongoc_uri_set_option_as_int32(uri.get(), option, patience_ms);
  mongo::client_owner client{mongoc_client_new_from_uri(uri.get())};
  if (!client)
    throw std::runtime_error("libmongoc cannot make a client of the connection string");
  return client;
}

document to_bson(const json& command) {
  auto body = mongo::from_json(command.dump());
  if (const auto* why = std::get_if<failure>(&body))
    throw std::runtime_error(why->text);
  return std::get<document>(std::move(body));
}

} // namespace

endpoint::endpoint(const std::string& uri) {
  mongo::initialize_library();
  uri_ = direct(uri);
  const auto info = run(json{{"buildInfo", 1}});
  const auto text = info.value("version", "");
  const auto version = parse_version(text);
  if (!version)
    throw std::runtime_error("the server says that its version is '" + text + "'");
  version_ = *version;
}

json endpoint::run(const json& command) const {
  const auto client = make_client(uri_);
  const auto body = to_bson(command);
  const mongo::bson_view view{body};
  bson_t reply;
  bson_error_t error{};
  const bool ok
    = mongoc_client_command_simple(client.get(), "admin", view.get(), nullptr, &reply, &error);
  const mongo::bson_owner destroyed_at_end{&reply};
  if (!ok)
    throw std::runtime_error(command.begin().key() + " failed: " + error.message);
  return json::parse(std::get<std::string>(mongo::to_json(mongo::to_document(reply))));
}

fail_point::fail_point(const endpoint& server, const json& command)
  : server_(server), name_(command.at("configureFailPoint").get<std::string>()) {
  server_.run(command);
}

fail_point::~fail_point() {
  try {
    turn_off();
  } catch (const std::exception&) { // whoever needs to know calls it before
  }
}

void fail_point::turn_off() {
  if (std::exchange(on_, false))
    server_.run(json{{"configureFailPoint", name_}, {"mode", "off"}});
}

} // namespace moor::test::spec
