#include "runtime/tls_visitor.hpp"

#include <stdexcept>

#include <openssl/err.h>
#include <openssl/x509.h>

namespace moor::test {

namespace {

[[noreturn]] void fail(const char* what) {
  const auto* words = ERR_reason_error_string(ERR_peek_last_error());
  throw std::runtime_error(std::string{what} + ": "
                           + (words != nullptr ? words : "the connection ended"));
}

} // namespace

tls_visitor::tls_visitor(std::uint16_t port, const tls_manner& manner)
  : socket_{visiting_socket(port, manner.family)}, context_{SSL_CTX_new(TLS_client_method())} {
  ERR_clear_error();
  SSL_CTX_set_min_proto_version(context_.get(), manner.least);
  SSL_CTX_set_max_proto_version(context_.get(), manner.most);
  if (SSL_CTX_set_cipher_list(context_.get(), manner.ciphers.c_str()) != 1)
    fail("no such ciphers");
  if (!manner.trusted.empty()) {
    if (SSL_CTX_load_verify_locations(context_.get(), manner.trusted.c_str(), nullptr) != 1)
      fail("no such authority");
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  }
  connection_.reset(SSL_new(context_.get()));
  SSL_set_tlsext_host_name(connection_.get(), manner.host.c_str());
  SSL_set1_host(connection_.get(), manner.host.c_str());
  SSL_set_fd(connection_.get(), socket_.get());
  if (SSL_connect(connection_.get()) != 1)
    fail("the handshake failed");
}

bool tls_visitor::send(std::string_view text) const {
  return SSL_write(connection_.get(), text.data(), static_cast<int>(text.size()))
         == static_cast<int>(text.size());
}

std::string tls_visitor::read_until(std::string_view mark) const {
  std::string all;
  std::string part(4'096, '\0');
  for (;;) {
    const auto got = SSL_read(connection_.get(), part.data(), static_cast<int>(part.size()));
    if (got <= 0)
      return all;
    all.append(part, 0, static_cast<std::size_t>(got));
    if (!mark.empty() && all.find(mark) != all.npos)
      return all;
  }
}

std::string tls_visitor::serial() const {
  const std::unique_ptr<X509, decltype(&X509_free)> shown{
    SSL_get1_peer_certificate(connection_.get()), &X509_free};
  if (!shown)
    return {};
  const auto* number = X509_get0_serialNumber(shown.get());
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(number)),
          static_cast<std::size_t>(ASN1_STRING_length(number))};
}

bool tls_visitor::send_plain(std::string_view text) const {
  return ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL)
         == static_cast<ssize_t>(text.size());
}

std::string refusal_of(std::uint16_t port, const tls_manner& manner) {
  try {
    const tls_visitor one{port, manner};
    return {};
  } catch (const std::runtime_error& why) {
    return why.what();
  }
}

reply get_secured(std::uint16_t port, const tls_manner& manner, const std::string& path,
                  const std::string& headers) {
  const tls_visitor one{port, manner};
  one.send("GET " + path + " HTTP/1.1\r\n" + headers + "\r\n");
  return parse_reply(one.read_until());
}

} // namespace moor::test
