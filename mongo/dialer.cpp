#include "moor/mongo/dialer.hpp"

#include <algorithm>
#include <exception>
#include <utility>
#include <variant>

#include "moor/mongo/resolve.hpp"
#include "moor/mongo/socket.hpp"
#include "moor/mongo/stream.hpp"

namespace moor::mongo {

namespace {

const char* or_null(const std::string& text) noexcept {
  return text.empty() ? nullptr : text.c_str();
}

/// libmongoc's form of the options; points into `from`.
mongoc_ssl_opt_t to_ssl_options(const tls_settings& from) noexcept {
  mongoc_ssl_opt_t result{};
  result.ca_file = or_null(from.authorities_file);
  result.pem_file = or_null(from.certificate_file);
  result.pem_pwd = or_null(from.certificate_password);
  result.weak_cert_validation = from.allow_invalid_certificates;
  result.allow_invalid_hostname = from.allow_invalid_hostnames;
  return result;
}

void set_error(bson_error_t* error, mongoc_error_code_t code, const std::string& text) {
  bson_set_error(error, MONGOC_ERROR_STREAM, static_cast<std::uint32_t>(code), "%s", text.c_str());
}

} // namespace

dialer::dialer(std::shared_ptr<wire> line, std::shared_ptr<const connect_plan> plan)
  : line_{std::move(line)}, plan_{std::move(plan)} {}

void dialer::install(mongoc_client_t* client) {
  mongoc_client_set_stream_initiator(client, initiate, this);
  if (!plan_->tls)
    return;
  // After the initiator, which would undo it: makes libmongoc shake hands over the streams that
  // `wrap_in_tls` returns, without blocking and for several servers at once.
  const auto options = to_ssl_options(*plan_->tls);
  mongoc_client_set_ssl_opts(client, &options);
}

mongoc_stream_t* dialer::initiate(const mongoc_uri_t*, const mongoc_host_list_t* host, void* self,
                                  bson_error_t* error) noexcept {
  return static_cast<dialer*>(self)->open(*host, error).release();
}

stream_owner dialer::open(const mongoc_host_list_t& host, bson_error_t* error) {
  const auto server = std::string{host.host_and_port} + (plan_->tls ? " (TLS)" : "");
  const auto until = std::min(
    line_->deadline(),
    wire::clock::now() + std::chrono::duration_cast<wire::clock::duration>(plan_->connect_timeout));
  auto addresses = resolve(host.host, host.port, host.family, *line_, until);
  if (auto* trouble = std::get_if<io_trouble>(&addresses)) {
    set_error(error, MONGOC_ERROR_STREAM_NAME_RESOLUTION, trouble->text);
    line_->note(trouble->fault, server, std::move(trouble->text));
    return nullptr;
  }
  auto connection = std::make_unique<socket>(
    line_, server, std::get<std::vector<endpoint>>(std::move(addresses)), until);
  if (!plan_->tls) // which would see to it by itself
    connection->expect_replies();
  if (!connection->dial_next()) {
    set_error(error, MONGOC_ERROR_STREAM_CONNECT, line_->trouble().text);
    return nullptr;
  }
  auto stream = make_stream(std::move(connection));
  return plan_->tls ? wrap_in_tls(std::move(stream), host.host, error) : std::move(stream);
}

stream_owner dialer::wrap_in_tls(stream_owner plain, const char* host, bson_error_t* error) const {
  auto options = to_ssl_options(*plan_->tls); // libmongoc writes to it
  stream_owner result{mongoc_stream_tls_new_with_hostname(plain.get(), host, &options, 1)};
  if (!result) {
    set_error(error, MONGOC_ERROR_STREAM_SOCKET,
              "TLS cannot be set up: check tlsCAFile and tlsCertificateKeyFile");
    return nullptr;
  }
  static_cast<void>(plain.release()); // owned by the TLS stream now
  return result;
}

} // namespace moor::mongo
