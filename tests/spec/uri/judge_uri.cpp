#include "spec/uri/judge_uri.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "moor/config/connection_string.hpp"
#include "moor/config/text.hpp"
#include "moor/config/uri_credential.hpp"
#include "moor/config/uri_options.hpp"

namespace moor::test::spec {

namespace {

using problem = std::optional<std::string>;

problem differs(const std::string& what, const json& expected, const json& got) {
  if (expected == got)
    return std::nullopt;
  return what + " is " + got.dump() + ", expected is " + expected.dump();
}

json text_or_null(const std::optional<std::string>& text) {
  return text ? json(*text) : json(nullptr);
}

json to_json(const uri_pairs& pairs) {
  auto object = json::object();
  for (const auto& [key, value] : pairs)
    object[key] = value;
  return object;
}

json to_json(const uri_value& value) {
  return std::visit(
    [](const auto& held) -> json {
      using type = std::decay_t<decltype(held)>;
      if constexpr (std::is_same_v<type, uri_pairs>) {
        return to_json(held);
      } else if constexpr (std::is_same_v<type, std::vector<uri_pairs>>) {
        auto list = json::array();
        for (const auto& set : held)
          list.push_back(to_json(set));
        return list;
      } else {
        return json(held);
      }
    },
    value);
}

/// Objects as sets of fields, whose order the tests do not state.
bool same(const json& left, const json& right) {
  if (left.type() != right.type() && !(left.is_number() && right.is_number()))
    return false;
  if (left.is_array())
    return std::ranges::equal(left, right, same);
  if (!left.is_object())
    return left == right;
  return left.size() == right.size() && std::ranges::all_of(left.items(), [&](const auto& item) {
           return right.contains(item.key()) && same(item.value(), right.at(item.key()));
         });
}

std::string listed(const std::vector<uri_finding>& findings) {
  std::string list;
  for (const auto& one : findings)
    list += (list.empty() ? "" : "; ") + std::string{to_string(one.grade)} + ": " + one.option + " "
            + one.problem;
  return list;
}

const char* type_of(host_kind kind) {
  switch (kind) {
    case host_kind::name: return "hostname";
    case host_kind::ipv4: return "ipv4";
    case host_kind::ip_literal: return "ip_literal";
    case host_kind::unix_socket: return "unix";
  }
  return "unknown";
}

problem judge_hosts(const uri_test& test, const connection_string& uri) {
  if (test.hosts.is_null())
    return std::nullopt;
  auto hosts = json::array();
  for (const auto& host : uri.hosts)
    hosts.push_back({{"type", type_of(host.kind)},
                     {"host", host.name},
                     {"port", host.port ? json(*host.port) : json(nullptr)}});
  return same(test.hosts, hosts) ? std::nullopt : differs("hosts", test.hosts, hosts);
}

problem judge_auth(const uri_test& test, const connection_string& uri) {
  if (test.auth.is_null())
    return std::nullopt;
  const json auth{{"username", text_or_null(uri.user)},
                  {"password", text_or_null(uri.password)},
                  {"db", uri.database.empty() ? json(nullptr) : json(uri.database)}};
  return same(test.auth, auth) ? std::nullopt : differs("auth", test.auth, auth);
}

/// The name under which an option is read that a test may call by an older one.
std::string name_of(const std::string& written) {
  const auto* entry = uri_option_named(written == "ssl" ? "tls" : written);
  if (entry == nullptr)
    return written;
  return std::string{entry->now_called.empty() ? entry->name : entry->now_called};
}

problem judge_options(const uri_test& test, const uri_options& options) {
  if (test.options.is_null())
    return std::nullopt;
  for (const auto& item : test.options.items()) {
    const auto* value = options.find(name_of(item.key()));
    if (value == nullptr)
      return "option " + item.key() + " was not read, expected is " + item.value().dump();
    const auto got = to_json(*value);
    if (!same(item.value(), got))
      return differs("option " + item.key(), item.value(), got);
  }
  return std::nullopt;
}

/// Properties are texts here; the tests have some as true and false.
json as_texts(const json& properties) {
  auto result = json::object();
  if (properties.is_object())
    for (const auto& item : properties.items())
      result[item.key()] = item.value().is_string() ? item.value() : json(item.value().dump());
  return result;
}

problem judge_credential(const uri_test& test, const connection_string& uri,
                         const uri_options& options) {
  if (!test.credential)
    return std::nullopt;
  const auto found = credential_of(uri, options);
  if (!found || test.credential->is_null())
    return differs("credential", json(!test.credential->is_null()), json(found.has_value()));
  const json got{
    {"username", text_or_null(found->user)},
    {"password", text_or_null(found->password)},
    {"source", found->source},
    {"mechanism", found->mechanism.empty() ? json(nullptr) : json(found->mechanism)},
    {"mechanism_properties", to_json(found->properties)},
  };
  for (const auto& item : test.credential->items()) {
    const auto& key = item.key();
    if (!got.contains(key))
      return "the credential has no " + key;
    const auto expected = key == "mechanism_properties" ? as_texts(item.value()) : item.value();
    if (!same(expected, got.at(key)))
      return differs("credential." + key, expected, got.at(key));
  }
  return std::nullopt;
}

problem judge_findings(const uri_test& test, const connection_string& uri,
                       const uri_options& options) {
  if (test.warning == false && !options.findings.empty())
    return "there are findings, expected is none: " + listed(options.findings);
  const auto names_an_option = [&](const uri_finding& found) {
    return std::ranges::any_of(uri.options, [&](const uri_option& option) {
      return to_lower(option.key) == to_lower(found.option);
    });
  };
  if (test.warning == true && std::ranges::none_of(options.findings, names_an_option))
    return "no finding names an option, expected is one; found: " + listed(options.findings);
  return std::nullopt;
}

} // namespace

std::optional<std::string> judge_uri(const uri_test& test) {
  const auto parsed = parse_connection_string(test.uri);
  const auto* error = std::get_if<connection_string_error>(&parsed);
  if (error != nullptr)
    return test.valid ? problem{"refused, expected is valid: " + to_string(*error)} : std::nullopt;
  const auto& uri = std::get<connection_string>(parsed);
  const auto options = read_options(uri);
  const bool refused = std::ranges::any_of(
    options.findings, [](const uri_finding& x) { return x.grade == severity::error; });
  if (refused || !test.valid) {
    if (refused != test.valid)
      return std::nullopt;
    return refused ? "refused, expected is valid: " + listed(options.findings)
                   : "accepted, expected is invalid";
  }
  if (auto why = judge_findings(test, uri, options))
    return why;
  if (auto why = judge_hosts(test, uri))
    return why;
  if (auto why = judge_auth(test, uri))
    return why;
  if (auto why = judge_options(test, options))
    return why;
  return judge_credential(test, uri, options);
}

} // namespace moor::test::spec
