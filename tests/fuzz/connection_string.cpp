// Connection strings: the parser, the form that is printed, and what libmongoc is given.
#include <string>
#include <variant>

#include "fuzz/check.hpp"
#include "moor/config/connection_string.hpp"
#include "moor/config/text.hpp"
#include "moor/mongo/connect_plan.hpp"
#include "moor/mongo/library.hpp"

namespace {

using moor::fuzz::require;

/// The same string with other user info. An '@' stands for itself only behind it.
std::string with_other_user(std::string_view text) {
  const auto begin = text.find("://") + 3;
  return std::string{text.substr(0, begin)} + "somebody:else"
         + std::string{text.substr(text.find('@'))};
}

void check_parsed(std::string_view text, const moor::connection_string& uri) {
  require(!uri.hosts.empty(), "a connection string has a host");
  require(!uri.srv || uri.hosts.size() == 1, "mongodb+srv has one host");
  for (const auto& host : uri.hosts)
    require(!host.name.empty() && moor::is_utf8(host.name) && host.port != 0, "hosts are usable");
  for (const auto& option : uri.options)
    require(!option.key.empty() && moor::is_utf8(option.value), "options are usable");
  require(!uri.password || uri.user, "no password without a user");
  if (uri.user)
    require(moor::redact(with_other_user(text)) == moor::redact(text),
            "the printed form says nothing of user and password");
}

std::string refusal_of(std::string_view text) {
  moor::settings config;
  config.uri = text;
  const auto plan = moor::mongo::make_plan(config);
  if (const auto* why = std::get_if<moor::failure>(&plan))
    return why->text;
  require(!std::get<moor::mongo::connect_plan>(plan).address.empty(), "a plan has an address");
  return {};
}

/// Whatever libmongoc makes of it, its words are told without secrets.
void check_plan(std::string_view text, const moor::connection_string& uri) {
  const auto why = refusal_of(text);
  require(!moor::has_control_character(why), "errors are one line");
  if (uri.password && !uri.password->empty()) // an empty one is refused for that
    require(refusal_of(with_other_user(text)) == why, "errors say nothing of user and password");
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  moor::mongo::initialize_library();
  moor::mongo::set_log_sink([](auto&&...) {});
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = moor::fuzz::text_of(data, size);
  const auto shown = moor::redact(text);
  require(!moor::has_control_character(shown), "the printed form is one line");
  const auto parsed = moor::parse_connection_string(text);
  if (const auto* error = std::get_if<moor::connection_string_error>(&parsed)) {
    require(error->position <= size && !error->problem.empty(), "errors have a place and a cause");
    require(!moor::has_control_character(to_string(*error)), "errors are one line");
    return 0;
  }
  check_parsed(text, std::get<moor::connection_string>(parsed));
  check_plan(text, std::get<moor::connection_string>(parsed));
  return 0;
}
