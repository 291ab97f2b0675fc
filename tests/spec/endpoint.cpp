#include "spec/endpoint.hpp"

#include <stdexcept>
#include <utility>

#include "support/plain_client.hpp"

namespace moor::test::spec {

namespace {

/// The string names one server; what follows is added so that the driver does not look for others.
std::string direct(const std::string& text) {
  const auto uri = parse_uri(text);
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

} // namespace

endpoint::endpoint(const std::string& uri) : uri_{direct(uri)} {
  const auto info = run(json{{"buildInfo", 1}});
  const auto text = info.value("version", "");
  const auto version = parse_version(text);
  if (!version)
    throw std::runtime_error("the server says that its version is '" + text + "'");
  version_ = *version;
}

json endpoint::run(const json& command) const {
  return json::parse(run_plain(uri_, "admin", command.dump()));
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
