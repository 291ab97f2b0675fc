#include "moor/config/uri_option_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "moor/config/text.hpp"

namespace moor {

namespace {

using namespace std::string_view_literals;
using kind = uri_option_kind;

/// libmongoc holds most numbers in 32 bits, the specification demands no more.
constexpr std::int64_t most_int32 = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t most_int64 = std::numeric_limits<std::int64_t>::max();

constexpr std::array mechanisms{"GSSAPI"sv,       "MONGODB-AWS"sv,  "MONGODB-CR"sv,
                                "MONGODB-OIDC"sv, "MONGODB-X509"sv, "PLAIN"sv,
                                "SCRAM-SHA-1"sv,  "SCRAM-SHA-256"sv};
constexpr std::array compressors{"snappy"sv, "zlib"sv, "zstd"sv};
constexpr std::array read_modes{"primary"sv, "primaryPreferred"sv, "secondary"sv,
                                "secondaryPreferred"sv, "nearest"sv};
constexpr std::array monitoring_modes{"auto"sv, "poll"sv, "stream"sv};

constexpr uri_option_entry flag(std::string_view name) {
  return {.name = name, .kind = kind::flag};
}

constexpr uri_option_entry number(std::string_view name, std::int64_t least,
                                  std::int64_t most = most_int32) {
  return {.name = name, .kind = kind::number, .least = least, .most = most};
}

constexpr uri_option_entry text(std::string_view name, std::int64_t most = 0) {
  return {.name = name, .kind = kind::text, .most = most};
}

constexpr uri_option_entry one_of(std::string_view name, std::span<const std::string_view> which) {
  return {.name = name, .kind = kind::choice, .choices = which};
}

constexpr uri_option_entry guard(uri_option_entry entry) {
  entry.guards = true;
  return entry;
}

constexpr uri_option_entry once(uri_option_entry entry) {
  entry.once = true;
  return entry;
}

constexpr uri_option_entry endless(uri_option_entry entry) {
  entry.endless_at_zero = true;
  return entry;
}

/// An older name of an option: with all its rules.
constexpr uri_option_entry former(std::string_view name, std::string_view now, kind of) {
  return {.name = name,
          .kind = of,
          .most = of == kind::number ? most_int64 : 0,
          .now_called = now,
          .guards = name.starts_with("ssl")};
}

constexpr std::array table{
  text("appName", 128), // MongoDB Handshake specification
  guard(one_of("authMechanism", mechanisms)),
  guard({.name = "authMechanismProperties", .kind = kind::pairs}),
  guard(text("authSource")),
  uri_option_entry{.name = "compressors", .kind = kind::words, .choices = compressors},
  endless(number("connectTimeoutMS", 0)),
  flag("directConnection"),
  number("heartbeatFrequencyMS", 500), // SDAM minHeartbeatFrequencyMS
  former("j", "journal", kind::flag),
  flag("journal"),
  flag("loadBalanced"),
  number("localThresholdMS", 0),
  number("maxConnecting", 1),
  number("maxIdleTimeMS", 0),
  number("maxPoolSize", 0),
  number("maxStalenessSeconds", 90), // Max Staleness: smallestMaxStalenessSeconds, besides -1
  number("minPoolSize", 0),
  once(text("proxyHost")),
  once(guard(text("proxyPassword"))),
  once(number("proxyPort", 1, 65'535)),
  once(guard(text("proxyUsername"))),
  text("readConcernLevel"),
  one_of("readPreference", read_modes),
  uri_option_entry{.name = "readPreferenceTags", .kind = kind::tag_sets},
  text("replicaSet"),
  flag("retryReads"),
  flag("retryWrites"),
  one_of("serverMonitoringMode", monitoring_modes),
  endless(number("serverSelectionTimeoutMS", 1)),
  flag("serverSelectionTryOnce"),
  number("socketCheckIntervalMS", 0), // libmongoc's own
  endless(number("socketTimeoutMS", 0)),
  number("srvMaxHosts", 0),
  text("srvServiceName", 62),
  guard(flag("ssl")),
  former("sslAllowInvalidCertificates", "tlsAllowInvalidCertificates", kind::flag),
  former("sslAllowInvalidHostnames", "tlsAllowInvalidHostnames", kind::flag),
  former("sslCertificateAuthorityFile", "tlsCAFile", kind::text),
  former("sslClientCertificateKeyFile", "tlsCertificateKeyFile", kind::text),
  former("sslClientCertificateKeyPassword", "tlsCertificateKeyFilePassword", kind::text),
  endless(number("timeoutMS", 0)),
  guard(flag("tls")),
  guard(flag("tlsAllowInvalidCertificates")),
  guard(flag("tlsAllowInvalidHostnames")),
  guard(text("tlsCAFile")),
  guard(text("tlsCertificateKeyFile")),
  guard(text("tlsCertificateKeyFilePassword")),
  guard(flag("tlsDisableCertificateRevocationCheck")),
  guard(flag("tlsDisableOCSPEndpointCheck")),
  guard(flag("tlsInsecure")),
  uri_option_entry{.name = "w", .kind = kind::write_concern, .most = most_int32},
  endless(number("waitQueueTimeoutMS", 1)),
  former("wtimeout", "wTimeoutMS", kind::number),
  endless(number("wTimeoutMS", 0, most_int64)),
  number("zlibCompressionLevel", -1, 9),
};

constexpr std::array withdrawn{
  std::pair{"canonicalizehostname"sv,
            "authMechanismProperties=CANONICALIZE_HOST_NAME:true takes its place"sv},
  std::pair{"fsync"sv, "journal takes its place"sv},
  std::pair{"gssapiservicename"sv, "authMechanismProperties=SERVICE_NAME:… takes its place"sv},
  std::pair{"safe"sv, "w takes its place"sv},
  std::pair{"slaveok"sv, "readPreference=secondaryPreferred takes its place"sv},
  std::pair{"waitqueuemultiple"sv, "moor's setting wait-queue-limit takes its place"sv},
};

std::string list_of(std::span<const std::string_view> words) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0)
      list += i + 1 < words.size() ? ", " : " or ";
    list += words[i];
  }
  return list;
}

} // namespace

std::span<const uri_option_entry> uri_option_table() noexcept {
  return table;
}

const uri_option_entry* uri_option_named(std::string_view name) {
  const auto wanted = to_lower(name);
  const auto* found = std::ranges::find_if(
    table, [&](const uri_option_entry& x) { return to_lower(x.name) == wanted; });
  return found == table.end() ? nullptr : &*found;
}

std::string allowed_in(const uri_option_entry& entry) {
  switch (entry.kind) {
    case kind::flag: return "true or false";
    case kind::number:
      return (entry.name == "maxStalenessSeconds" ? "-1 or a whole number from "
                                                  : "a whole number from ")
             + std::to_string(entry.least) + " to " + std::to_string(entry.most);
    case kind::text:
      if (entry.name == "srvServiceName")
        return "1 to 62 letters, digits or hyphens, a letter among them";
      return entry.most > 0 ? "1 to " + std::to_string(entry.most) + " bytes" : "a text";
    case kind::choice: return list_of(entry.choices);
    case kind::words: return list_of(entry.choices) + ", several joined by commas";
    case kind::pairs:
    case kind::tag_sets:
      return "key:value, several joined by commas, with no comma inside a key or a value";
    case kind::write_concern: return "a whole number from 0, majority or another name of a rule";
  }
  return {};
}

std::string_view nearest_uri_option(std::string_view name) {
  const auto wanted = to_lower(name);
  std::string_view best;
  auto best_distance = 2 + wanted.size() / 6; // one typing error, and one more per six characters
  for (const auto& entry : table) {
    const auto distance = edit_distance(wanted, to_lower(entry.name));
    // Of a name of one or two letters, any other is near.
    if (distance < best_distance && distance < wanted.size() && entry.name.size() > 2) {
      best = entry.now_called.empty() ? entry.name : entry.now_called;
      best_distance = distance;
    }
  }
  return best;
}

std::string_view successor_of(std::string_view name) {
  const auto wanted = to_lower(name);
  const auto* found
    = std::ranges::find_if(withdrawn, [&](const auto& x) { return x.first == wanted; });
  return found == withdrawn.end() ? std::string_view{} : found->second;
}

} // namespace moor
