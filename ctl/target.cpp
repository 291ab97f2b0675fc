#include "moor/ctl/target.hpp"

#include <algorithm>
#include <optional>

#include "moor/config/text.hpp"

namespace moor::ctl {

namespace {

bool is_loopback(const host_identifier& host) {
  switch (host.kind) {
    case host_kind::unix_socket: return true;
    case host_kind::ipv4: return host.name.starts_with("127.");
    case host_kind::ip_literal: return host.name == "::1";
    case host_kind::name: {
      const auto name = to_lower(host.name);
      return name == "localhost" || name.ends_with(".localhost");
    }
  }
  return false;
}

/// The last option of one of these names, in lower case.
std::optional<std::string> option(const connection_string& uri,
                                  std::initializer_list<std::string_view> names) {
  std::optional<std::string> result;
  for (const auto& one : uri.options)
    if (std::ranges::find(names, to_lower(one.key)) != names.end())
      result = to_lower(one.value);
  return result;
}

/// URI Options specification: on by default with `mongodb+srv`, and implied by libmongoc where a
/// certificate is named.
bool uses_tls(const connection_string& uri) {
  if (const auto given = option(uri, {"tls", "ssl"}))
    return *given == "true";
  return uri.srv || option(uri, {"tlscafile", "tlscertificatekeyfile"});
}

} // namespace

target target_of(std::string_view text) {
  const auto parsed = parse_connection_string(text);
  const auto* uri = std::get_if<connection_string>(&parsed);
  if (uri == nullptr)
    return {};
  target result{uri->srv, uri->user || option(*uri, {"authmechanism"}), uses_tls(*uri), {}};
  for (const auto& host : uri->hosts)
    if (!is_loopback(host))
      result.remote_hosts.push_back(host.name);
  return result;
}

} // namespace moor::ctl
