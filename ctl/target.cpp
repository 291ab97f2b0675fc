#include "moor/ctl/target.hpp"

#include "moor/config/policy.hpp"
#include "moor/config/uri_credential.hpp"
#include "moor/config/uri_options.hpp"

namespace moor::ctl {

target target_of(std::string_view text) {
  const auto parsed = parse_connection_string(text);
  const auto* uri = std::get_if<connection_string>(&parsed);
  if (uri == nullptr)
    return {};
  const auto options = read_options(*uri);
  // libmongoc takes the naming of such a file for the wish to encrypt.
  const bool names_file
    = options.find("tlsCAFile") != nullptr || options.find("tlsCertificateKeyFile") != nullptr;
  const auto who = credential_of(*uri, options);
  target result{uri->srv,
                who && !lacks_password(*who),
                options.flag("tls").value_or(uri->srv || names_file),
                {}};
  for (const auto& host : uri->hosts)
    if (!is_loopback(host))
      result.remote_hosts.push_back(host.name);
  return result;
}

} // namespace moor::ctl
