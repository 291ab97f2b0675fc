#include <algorithm>
#include <array>

#include "moor/config/connection_string.hpp"
#include "moor/config/text.hpp"

namespace moor {

namespace {

using namespace std::string_view_literals;

/// Options whose values are numbers, switches and names of no worth to an intruder. A list of what
/// may be shown rather than of what may not: an option that nobody thought of stays hidden.
constexpr std::array harmless{
  "appname"sv,
  "authmechanism"sv,
  "compressors"sv,
  "connecttimeoutms"sv,
  "directconnection"sv,
  "heartbeatfrequencyms"sv,
  "journal"sv,
  "loadbalanced"sv,
  "localthresholdms"sv,
  "maxconnecting"sv,
  "maxidletimems"sv,
  "maxpoolsize"sv,
  "minpoolsize"sv,
  "readconcernlevel"sv,
  "readpreference"sv,
  "replicaset"sv,
  "retryreads"sv,
  "retrywrites"sv,
  "serverselectiontimeoutms"sv,
  "serverselectiontryonce"sv,
  "sockettimeoutms"sv,
  "ssl"sv,
  "tls"sv,
  "tlsallowinvalidcertificates"sv,
  "tlsallowinvalidhostnames"sv,
  "tlsinsecure"sv,
  "w"sv,
  "waitqueuetimeoutms"sv,
  "wtimeoutms"sv,
  "zlibcompressionlevel"sv,
};

constexpr auto hidden = "***"sv;

/// Whether `value` is one short word: whatever else it is, it is not one of the values meant.
bool is_plain_word(std::string_view value) {
  const auto plain
    = [](char c) { return is_alphanumeric(c) || "-_.,"sv.find(c) != std::string_view::npos; };
  return value.size() <= 64 && std::all_of(value.begin(), value.end(), plain);
}

std::string shown(const uri_option& option) {
  const auto key = to_lower(option.key);
  const bool known = std::find(harmless.begin(), harmless.end(), key) != harmless.end();
  if (!known)
    return std::string{hidden};
  return option.key + "=" + (is_plain_word(option.value) ? option.value : std::string{hidden});
}

/// All that is left of a text which is no connection string: its scheme, if that is ours.
std::string only_scheme(std::string_view text) {
  for (const auto scheme : {"mongodb+srv://"sv, "mongodb://"sv})
    if (text.starts_with(scheme))
      return std::string{scheme}.append(hidden);
  return text.empty() ? std::string{} : std::string{hidden};
}

/// Whether what reads as hosts could be the beginning of user info that was cut at an unescaped '/'
/// or
/// '?': an '@' follows, and no user info precedes.
bool is_doubtful(std::string_view text, const connection_string& uri) {
  return !uri.user && text.find('@') != std::string_view::npos;
}

} // namespace

std::string redact(std::string_view text) {
  const auto parsed = parse_connection_string(text);
  const auto* uri = std::get_if<connection_string>(&parsed);
  if (uri == nullptr || is_doubtful(text, *uri))
    return only_scheme(text);
  std::string result = uri->srv ? "mongodb+srv://" : "mongodb://";
  if (uri->user)
    result.append(hidden).append("@");
  result += address_of(*uri);
  if (!uri->database.empty() || !uri->options.empty())
    result.append("/").append(uri->database);
  char separator = '?';
  for (const auto& option : uri->options) {
    result.append(1, separator).append(shown(option));
    separator = '&';
  }
  return result;
}

} // namespace moor
