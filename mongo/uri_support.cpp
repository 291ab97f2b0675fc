#include "moor/mongo/uri_support.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "moor/config/text.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/library.hpp"

namespace moor::mongo {

namespace {

using namespace std::string_view_literals;

// Options with parsers of their own, which libmongoc's functions do not tell of; and one that is
// moor's to follow.
constexpr std::array special_options{
  "authmechanism"sv, "authmechanismproperties"sv, "authsource"sv, "compressors"sv,
  "maxconnecting"sv, "readconcernlevel"sv,        "w"sv,          "readpreferencetags"sv,
};

constexpr std::array mechanisms{
#ifdef MONGOC_ENABLE_SASL
  "GSSAPI"sv,       "PLAIN"sv,
#endif
#ifdef MONGOC_ENABLE_MONGODB_AWS_AUTH
  "MONGODB-AWS"sv,
#endif
#ifdef MONGOC_ENABLE_SSL
  "MONGODB-X509"sv,
#endif
  "SCRAM-SHA-1"sv,  "SCRAM-SHA-256"sv,
};

bool knows_option(std::string_view name) {
  const auto key = to_lower(name);
  return std::ranges::find(special_options, key) != special_options.end()
         || mongoc_uri_option_is_int32(key.c_str()) || mongoc_uri_option_is_int64(key.c_str())
         || mongoc_uri_option_is_bool(key.c_str()) || mongoc_uri_option_is_utf8(key.c_str());
}

bool knows_compressor(const std::string& name) {
  const uri_owner probe{mongoc_uri_new("mongodb://localhost/")};
  return probe && mongoc_uri_set_compressors(probe.get(), name.c_str())
         && bson_has_field(mongoc_uri_get_compressors(probe.get()), name.c_str());
}

/// It looks names up forwards and backwards, or not at all.
bool knows_canonicalization(const uri_options& options) {
  const auto* value = options.find("authMechanismProperties");
  const auto* pairs = value == nullptr ? nullptr : std::get_if<uri_pairs>(value);
  return pairs == nullptr || std::ranges::none_of(*pairs, [](const auto& pair) {
           return pair.first == "CANONICALIZE_HOST_NAME" && pair.second == "forward";
         });
}

} // namespace

std::string unsupported(const uri_options& options) {
  initialize_library();
  std::string missing;
  const auto note
    = [&](const std::string& what) { missing += (missing.empty() ? "" : ", ") + what; };
  for (const auto& option : options.read)
    if (!knows_option(option.entry->name))
      note("the option " + std::string{option.entry->name});
  const auto* mechanism = options.text("authMechanism");
  if (mechanism != nullptr && std::ranges::find(mechanisms, *mechanism) == mechanisms.end())
    note("the authMechanism " + *mechanism);
  if (const auto* list = options.find("compressors"))
    for (const auto& name : std::get<std::vector<std::string>>(*list))
      if (!knows_compressor(name))
        note("the compressor " + name);
  if (!knows_canonicalization(options))
    note("CANONICALIZE_HOST_NAME:forward in authMechanismProperties");
  return missing;
}

} // namespace moor::mongo
