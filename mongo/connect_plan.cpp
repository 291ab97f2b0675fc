#include "moor/mongo/connect_plan.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>

#include <unistd.h>

#include "moor/config/connection_string.hpp"
#include "moor/config/text.hpp"
#include "moor/mongo/library.hpp"
#include "moor/mongo/without_values.hpp"

namespace moor::mongo {

namespace {

// Removed from the connection string: what moor's pool does itself, and what the settings decide.
constexpr std::array removed_options{
  "appname",
  "connecttimeoutms",
  "maxconnecting",
  "maxidletimems",
  "maxpoolsize",
  "minpoolsize",
  "serverselectiontimeoutms",
  "serverselectiontryonce",
  "sockettimeoutms",
  "waitqueuemultiple",
  "waitqueuetimeoutms",
};

bool is_removed(std::string_view option) {
  const auto key = to_lower(option.substr(0, option.find('=')));
  return std::ranges::find(removed_options, key) != removed_options.end();
}

/// The connection string without `removed_options`. A question mark outside of the options is
/// always percent-encoded.
std::string without_removed_options(std::string_view uri) {
  const auto question_mark = uri.find('?');
  std::string result{uri.substr(0, question_mark)};
  if (question_mark == std::string_view::npos)
    return result;
  char separator = '?';
  for (auto rest = uri.substr(question_mark + 1); !rest.empty();) {
    const auto end = std::min(rest.find_first_of("&;"), rest.size());
    if (const auto option = rest.substr(0, end); !option.empty() && !is_removed(option)) {
      result += separator;
      result += option;
      separator = '&';
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return result;
}

/// Whole milliseconds, at least 1: libmongoc has no use for less.
std::int32_t milliseconds(duration span) {
  const auto count = std::chrono::ceil<std::chrono::milliseconds>(span).count();
  return static_cast<std::int32_t>(
    std::clamp<decltype(count)>(count, 1, std::numeric_limits<std::int32_t>::max()));
}

bool has_one_server(const mongoc_uri_t* uri) {
  if (mongoc_uri_get_srv_hostname(uri) != nullptr)
    return false;
  if (mongoc_uri_has_option(uri, MONGOC_URI_DIRECTCONNECTION))
    return mongoc_uri_get_option_as_bool(uri, MONGOC_URI_DIRECTCONNECTION, false);
  return mongoc_uri_get_hosts(uri)->next == nullptr && mongoc_uri_get_replica_set(uri) == nullptr;
}

std::optional<failure> apply_settings(mongoc_uri_t* uri, const settings& from, bool single_server) {
  const auto search = single_server ? from.connect_timeout : from.connect_timeout / 2;
  const std::array timeouts{
    std::pair{MONGOC_URI_CONNECTTIMEOUTMS, search},
    std::pair{MONGOC_URI_SOCKETTIMEOUTMS, from.socket_timeout},
    std::pair{MONGOC_URI_SERVERSELECTIONTIMEOUTMS, from.server_selection_timeout},
  };
  for (const auto& [option, span] : timeouts)
    mongoc_uri_set_option_as_int32(uri, option, milliseconds(span));
  mongoc_uri_set_option_as_bool(uri, MONGOC_URI_SERVERSELECTIONTRYONCE, true);
  if (!from.app_name.empty() && !mongoc_uri_set_appname(uri, from.app_name.c_str()))
    return refused("the application name has " + std::to_string(from.app_name.size())
                   + " bytes; at most 128 of UTF-8 are allowed");
  return std::nullopt;
}

std::variant<std::optional<tls_settings>, failure> read_tls(const mongoc_uri_t* uri) {
  if (!mongoc_uri_get_tls(uri))
    return std::nullopt;
  // libmongoc keeps the two in a structure that it does not share with streams of others.
  for (const char* option :
       {MONGOC_URI_TLSDISABLEOCSPENDPOINTCHECK, MONGOC_URI_TLSDISABLECERTIFICATEREVOCATIONCHECK})
    if (mongoc_uri_get_option_as_bool(uri, option, false))
      return refused(std::string{"the option "} + option
                     + " is not supported: certificates are always checked for revocation");
  const bool insecure = mongoc_uri_get_option_as_bool(uri, MONGOC_URI_TLSINSECURE, false);
  const auto text = [&](const char* option) {
    return std::string{mongoc_uri_get_option_as_utf8(uri, option, "")};
  };
  const auto flag
    = [&](const char* option) { return mongoc_uri_get_option_as_bool(uri, option, insecure); };
  tls_settings result{text(MONGOC_URI_TLSCAFILE), text(MONGOC_URI_TLSCERTIFICATEKEYFILE),
                      text(MONGOC_URI_TLSCERTIFICATEKEYFILEPASSWORD),
                      flag(MONGOC_URI_TLSALLOWINVALIDCERTIFICATES),
                      flag(MONGOC_URI_TLSALLOWINVALIDHOSTNAMES)};
  for (const auto& [option, file] : {std::pair{"tlsCAFile", &result.authorities_file},
                                     std::pair{"tlsCertificateKeyFile", &result.certificate_file}})
    if (!file->empty() && ::access(file->c_str(), R_OK) != 0)
      return refused(std::string{"the file of the option "} + option + " cannot be read");
  return result;
}

/// One that cannot be read is as good as an empty one: connections will say so.
std::string contents_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::size_t hash_of_files(const tls_settings& tls) {
  std::size_t sum = 0;
  for (const auto* file : {&tls.authorities_file, &tls.certificate_file})
    if (!file->empty())
      sum = sum * 31 + std::hash<std::string>{}(contents_of(*file));
  return sum;
}

} // namespace

bool is_same(const connect_plan& a, const connect_plan& b) {
  const auto name_of = [](const connect_plan& plan) {
    const char* name = mongoc_uri_get_appname(plan.uri.get());
    return std::string_view{name != nullptr ? name : ""};
  };
  // The string is the one that was parsed; what was set since is among the options.
  return std::string_view{mongoc_uri_get_string(a.uri.get())} == mongoc_uri_get_string(b.uri.get())
         && bson_equal(mongoc_uri_get_options(a.uri.get()), mongoc_uri_get_options(b.uri.get()))
         && name_of(a) == name_of(b) && a.files_hash == b.files_hash
         && a.connect_timeout == b.connect_timeout;
}

std::variant<connect_plan, failure> make_plan(const settings& from) {
  const auto parsed = parse_connection_string(from.uri);
  if (const auto* error = std::get_if<connection_string_error>(&parsed))
    return refused("the connection string is malformed: " + to_string(*error));
  initialize_library();
  bson_error_t error{};
  connect_plan result;
  result.uri.reset(mongoc_uri_new_with_error(without_removed_options(from.uri).c_str(), &error));
  if (!result.uri)
    return refused(std::string{"libmongoc refuses the connection string: "}
                   + without_values(error.message));
  auto tls = read_tls(result.uri.get());
  if (auto* problem = std::get_if<failure>(&tls))
    return std::move(*problem);
  result.tls = std::get<std::optional<tls_settings>>(std::move(tls));
  result.files_hash = result.tls ? hash_of_files(*result.tls) : 0;
  result.address = address_of(std::get<connection_string>(parsed));
  result.connect_timeout = from.connect_timeout;
  result.single_server = has_one_server(result.uri.get());
  result.needs_lookup = mongoc_uri_get_srv_hostname(result.uri.get()) != nullptr;
  if (auto problem = apply_settings(result.uri.get(), from, result.single_server))
    return std::move(*problem);
  return result;
}

} // namespace moor::mongo
