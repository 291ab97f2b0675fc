#include "moor/mongo/connect_plan.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include "moor/config/connection_string.hpp"
#include "moor/config/finding.hpp"
#include "moor/config/policy.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/config/text.hpp"
#include "moor/config/uri_credential.hpp"
#include "moor/config/uri_options.hpp"
#include "moor/mongo/library.hpp"
#include "moor/mongo/uri_support.hpp"
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

bool is_removed(std::string_view name) {
  return std::ranges::find(removed_options, to_lower(name)) != removed_options.end();
}

/// Every byte but RFC 3986's unreserved ones and a few that options are made of becomes `%XX`.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_alphanumeric(c) || std::string_view{"-._~:,/"}.find(c) != std::string_view::npos)
      result += c;
    else
      (result += '%') += {digits[byte >> 4], digits[byte & 0x0F]};
  }
  return result;
}

/// The connection string with those of its options alone that count, each under its own name, and
/// without `removed_options`. A question mark outside of the options is always percent-encoded.
std::string for_libmongoc(std::string_view uri, const uri_options& options) {
  std::string result{uri.substr(0, uri.find('?'))};
  char separator = '?';
  for (const auto& option : options.read)
    for (const auto& text : option.texts) {
      if (is_removed(option.entry->name))
        continue;
      ((result += separator) += option.entry->name) += '=';
      result += percent_encoded(text);
      separator = '&';
    }
  return result;
}

/// What is wrong with the options under the profile in force, in sentences.
std::string errors_in(const uri_options& options, profile which) {
  std::string text;
  for (const auto& one : options.findings)
    if (severity_in(which, one) == severity::error && find_uri_option(one.option) == nullptr)
      text
        += (text.empty() ? "" : "; ") + quoted(one.option) + " " + one.problem + ", " + one.advice;
  return text;
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

/// All the authorities there are take a fiftieth of it.
constexpr off_t most_bytes_of_file = off_t{16} * 1024 * 1024;

std::string shown_path(const std::string& path) {
  return may_be_secret(path) ? "***" : printable(path);
}

/// Why a file that the connection string names cannot be used. One that holds a secret is looked at
/// for who may read it.
std::optional<failure> problem_of_file(const char* option, const std::string& path,
                                       const settings* secret_for) {
  const auto name = std::string{"the file of the option "} + option;
  struct stat about {};
  if (path.empty())
    return std::nullopt;
  if (::access(path.c_str(), R_OK) != 0 || ::stat(path.c_str(), &about) != 0)
    return refused(name + " cannot be read (" + shown_path(path) + ": "
                   + std::generic_category().message(errno) + ")");
  // Others may block for ever, or never end, and libmongoc opens it again.
  if (!S_ISREG(about.st_mode))
    return refused(name + " is no regular file (" + shown_path(path) + ")");
  if (about.st_size > most_bytes_of_file)
    return refused(name + " is larger than 16 MiB");
  if (secret_for == nullptr)
    return std::nullopt;
  const auto problem = secret_file_problem(*secret_for, about.st_mode);
  return problem.empty() ? std::nullopt : std::optional{refused(name + " " + problem)};
}

std::variant<std::optional<tls_settings>, failure> read_tls(const mongoc_uri_t* uri,
                                                            const settings& from) {
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
  if (auto problem = problem_of_file("tlsCAFile", result.authorities_file, nullptr))
    return *std::move(problem);
  if (auto problem = problem_of_file("tlsCertificateKeyFile", result.certificate_file, &from))
    return *std::move(problem);
  return result;
}

/// One that cannot be read is as good as an empty one: connections will say so.
std::string contents_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf(); // which takes errors of reading for the end
  return std::move(text).str();
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
  const auto parsed = parse_connection_string(from.uri.reveal());
  if (const auto* error = std::get_if<connection_string_error>(&parsed))
    return refused("the connection string is malformed: " + to_string(*error));
  const auto& uri = std::get<connection_string>(parsed);
  const auto options = read_options(uri);
  if (const auto errors = errors_in(options, from.profile); !errors.empty())
    return refused("the connection string's options cannot be used: " + errors);
  // libmongoc would read the password through a null pointer.
  if (const auto who = credential_of(uri, options); who && lacks_password(*who))
    return refused("the connection string names a user without a password, which the mechanism of "
                   "authentication needs; allowed is one in it, or in a password-file");
  initialize_library();
  if (const auto missing = unsupported(options); !missing.empty())
    return refused("the connection string is valid, but not supported by libmongoc "
                   + library_version() + ": " + missing);
  bson_error_t error{};
  connect_plan result;
  auto text = for_libmongoc(from.uri.reveal(), options);
  result.uri.reset(mongoc_uri_new_with_error(text.c_str(), &error));
  wipe(text);
  if (!result.uri)
    return refused(std::string{"libmongoc refuses the connection string: "}
                   + without_values(error.message));
  auto tls = read_tls(result.uri.get(), from);
  if (auto* problem = std::get_if<failure>(&tls))
    return std::move(*problem);
  result.tls = std::get<std::optional<tls_settings>>(std::move(tls));
  result.files_hash = result.tls ? hash_of_files(*result.tls) : 0;
  result.address = address_of(std::get<connection_string>(parsed));
  result.connect_timeout = from.connect_timeout;
  result.authenticates = mongoc_uri_get_username(result.uri.get()) != nullptr
                         || mongoc_uri_get_auth_mechanism(result.uri.get()) != nullptr;
  constexpr std::int32_t libmongocs_own = 60'000; // of clients in single mode
  result.scan_interval = std::chrono::milliseconds{mongoc_uri_get_option_as_int32(
    result.uri.get(), MONGOC_URI_HEARTBEATFREQUENCYMS, libmongocs_own)};
  result.single_server = has_one_server(result.uri.get());
  result.needs_lookup = mongoc_uri_get_srv_hostname(result.uri.get()) != nullptr;
  if (auto problem = apply_settings(result.uri.get(), from, result.single_server))
    return std::move(*problem);
  return result;
}

} // namespace moor::mongo
