#include "moor/runtime/http/endpoint.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include <civetweb.h>

#include "moor/runtime/http/answers.hpp"
#include "moor/runtime/http/credentials.hpp"
#include "moor/runtime/http/web_server.hpp"

namespace moor {

namespace {

std::string host_of(const std::string& listen) {
  return listen.substr(0, listen.rfind(':'));
}

bool is_loopback(const std::string& listen) {
  const auto host = host_of(listen);
  return host.starts_with("127.") || host == "localhost" || host == "[::1]";
}

/// What would not get as far as a listening socket; empty if all is well.
std::string wrong_address(const std::string& listen) {
  if (listen.find(':') == std::string::npos
      || listen.find_first_not_of(
           "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.:[]")
           != std::string::npos)
    return "this is no address with a port";
  if (listen.front() == '[' && mg_check_feature(MG_FEATURES_IPV6) == 0)
    return "the system's civetweb was built without IPv6";
  return {};
}

/// What is wrong with the certificate's file as far as can be told without OpenSSL: it would ask
/// the terminal for a key's passphrase.
std::string wrong_certificate(const std::string& file) {
  if (file.empty())
    return {};
  errno = 0;
  std::ifstream input{file};
  const std::string text{std::istreambuf_iterator<char>{input}, {}};
  if (!input || input.bad())
    return "cannot be read: " + std::generic_category().message(errno != 0 ? errno : EIO);
  if (text.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
    return "holds no certificate in PEM form";
  if (text.find("PRIVATE KEY-----") == std::string::npos)
    return "holds no private key beside the certificate";
  if (text.find("ENCRYPTED") != std::string::npos)
    return "holds an encrypted key, for which nobody is there to give the passphrase";
  return {};
}

class open_one final : public endpoint {
public:
  open_one(const endpoint_options& from, const http::credentials& wanted)
    : listen_{from.config.listen},
      secure_{!from.config.certificate_file.empty()},
      server_{http::answers{from.shown, from.registry, wanted,
                            is_loopback(listen_) && !wanted.are_wanted()},
              from.config.max_connections, request_time, from.log} {}

  std::string start(const std::string& certificate_file) {
    return server_.start(listen_, certificate_file);
  }

  std::string address() const override {
    return host_of(listen_) + ':' + std::to_string(server_.port());
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
  if (const auto wrong = wrong_certificate(config.certificate_file); !wrong.empty())
    return failed("the certificate file " + config.certificate_file + " " + wrong);
  const auto wanted = http::read_credentials(config);
  if (const auto* why = std::get_if<std::string>(&wanted))
    return failed(*why);

  auto opened = std::make_unique<open_one>(options, std::get<http::credentials>(wanted));
  if (const auto troubles = opened->start(config.certificate_file); !troubles.empty())
    return failed(config.certificate_file.empty()
                    ? troubles
                    : troubles + " (certificate file " + config.certificate_file + ")");
  return opened;
}

} // namespace moor
