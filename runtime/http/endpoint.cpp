#include "moor/runtime/http/endpoint.hpp"

#include <utility>

#include "moor/runtime/http/address.hpp"
#include "moor/runtime/http/answers.hpp"
#include "moor/runtime/http/credentials.hpp"
#include "moor/runtime/http/tls.hpp"
#include "moor/runtime/http/web_server.hpp"

namespace moor {

namespace {

/// What would not get as far as a listening socket; empty if all is well.
std::string wrong_address(const std::string& listen) {
  if (listen.find(':') == std::string::npos
      || listen.find_first_not_of(
           "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.:[]")
           != std::string::npos)
    return "this is no address with a port; allowed is 127.0.0.1:9464 or [::1]:9464 for instance";
  if (listen.front() == '[' && !http::web_server::has_ipv6())
    return "the system's civetweb, which this moor was built with, has no IPv6";
  return {};
}

using tls_or_why = std::variant<std::unique_ptr<http::tls>, std::string>;

/// Null if the settings want none.
tls_or_why open_tls(const endpoint_options& options) {
  const auto& config = options.config;
  if (config.certificate_file.empty())
    return config.key_file.empty() ? tls_or_why{std::unique_ptr<http::tls>{}}
                                   : "http-key-file is set, and http-certificate-file is not; "
                                     "allowed are both, or the latter alone, or neither";
  if (!http::web_server::has_tls())
    return "there is no TLS for the certificate file " + config.certificate_file
           + ": the system's civetweb, which this moor was built with, cannot use the system's "
             "OpenSSL; a proxy that has TLS may stand before an endpoint on 127.0.0.1";
  return http::tls::open({config.certificate_file, config.key_file, options.when_exposed},
                         options.log);
}

class open_one final : public endpoint {
public:
  open_one(const endpoint_options& from, const http::credentials& wanted)
    : listen_{from.config.listen},
      secure_{!from.config.certificate_file.empty()},
      server_{http::answers{from.shown, from.registry, wanted,
                            !wanted.are_wanted() && http::is_loopback(http::host_of(listen_))},
              from.config.max_connections, request_time, from.log} {}

  std::string start(std::unique_ptr<http::tls> secured_by) {
    return server_.start(listen_, std::move(secured_by));
  }

  std::string address() const override {
    return http::host_of(listen_) + ':' + std::to_string(server_.port());
  }
  std::string url() const override { return (secure_ ? "https://" : "http://") + address() + '/'; }

private:
  std::string listen_;
  bool secure_;
  http::web_server server_;
};

} // namespace

std::variant<std::unique_ptr<endpoint>, std::string>
open_endpoint(const endpoint_options& options) {
  const auto& config = options.config;
  const auto failed = [&config](const std::string& why) {
    return "no HTTP endpoint at " + config.listen + ": " + why;
  };
  if (const auto wrong = wrong_address(config.listen); !wrong.empty())
    return failed(wrong);
  const auto wanted = http::read_credentials(config, options.when_exposed);
  if (const auto* why = std::get_if<std::string>(&wanted))
    return failed(*why);

  auto secured = open_tls(options);
  if (const auto* why = std::get_if<std::string>(&secured))
    return failed(*why);

  auto opened = std::make_unique<open_one>(options, std::get<http::credentials>(wanted));
  if (const auto troubles = opened->start(std::get<std::unique_ptr<http::tls>>(std::move(secured)));
      !troubles.empty())
    return failed(troubles);
  return opened;
}

} // namespace moor
