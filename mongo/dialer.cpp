#include "moor/mongo/dialer.hpp"

#include <algorithm>
#include <exception>
#include <utility>
#include <variant>

#include "moor/mongo/fiber_loop.hpp"
#include "moor/mongo/resolve.hpp"
#include "moor/mongo/stream.hpp"
#include "moor/mongo/tls_watch.hpp"

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

// libmongoc 1.23 calls this with its topology locked when it looks for a server again, and locks it
// once more, for ever, if no stream comes of it (CDRIVER-4666). So there always is one: whoever
// polls it learns that it is broken, and the line knows why.
mongoc_stream_t* dialer::initiate(const mongoc_uri_t*, const mongoc_host_list_t* host, void* self,
                                  bson_error_t*) noexcept {
  return static_cast<dialer*>(self)->open(*host).release();
}

stream_owner dialer::open(const mongoc_host_list_t& host) {
  const std::string address = host.host_and_port;
  const auto server = address + (plan_->tls ? " (TLS)" : "");
  const auto until = std::min(
    line_->deadline(),
    wire::clock::now() + std::chrono::duration_cast<wire::clock::duration>(plan_->connect_timeout));
  line_->forget(server);
  line_->steps().begin(establish_step::resolve, address);
  // To resolve names blocks. Who uses a client on a fiber has made sure that nothing is to be
  // dialled; but a server may go at any time.
  const auto lost = io_trouble{io_fault::closed, "the connection to " + server + " was lost",
                               failure_cause::closed};
  auto addresses = fiber_loop::here{} ? std::variant<std::vector<endpoint>, io_trouble>{lost}
                                      : resolve(host.host, host.port, host.family, *line_, until);
  auto* trouble = std::get_if<io_trouble>(&addresses);
  line_->steps().end(establish_step::resolve, address, trouble == nullptr);
  if (trouble != nullptr) {
    line_->note(trouble->fault, server, std::move(trouble->text), trouble->cause);
    addresses = std::vector<endpoint>{};
  }
  auto connection = std::make_unique<socket>(
    line_, server, std::get<std::vector<endpoint>>(std::move(addresses)), until);
  if (trouble == nullptr)
    connection->time_steps_of(address);
  if (plan_->tls)
    connection->expect_tls();
  else
    connection->expect_replies();
  connection->dial_next();
  return plan_->tls ? open_tls(std::move(connection), host, server)
                    : make_stream(std::move(connection));
}

stream_owner dialer::open_tls(std::unique_ptr<socket> connection, const mongoc_host_list_t& host,
                              const std::string& server) {
  auto& raw = *connection;
  auto plain = make_stream(std::move(connection));
  auto options = to_ssl_options(*plan_->tls); // libmongoc writes to it
  const auto wrapped = [&] {
    return stream_owner{mongoc_stream_tls_new_with_hostname(plain.get(), host.host, &options, 1)};
  };
  // To read the files of certificates blocks as well, and there is nobody to speak to.
  const fiber_loop::here fiber;
  auto result
    = fiber ? stream_owner{}
            : make_watched_tls(wrapped, line_,
                               {host.host_and_port, server, !plan_->tls->certificate_file.empty()});
  if (!result) {
    raw.close();
    if (!fiber)
      line_->note(io_fault::closed, server,
                  "TLS to " + server
                    + " cannot be set up: check tlsCAFile and tlsCertificateKeyFile",
                  failure_cause::tls_settings);
    // libmongoc counts on a stream with TLS all the same; no byte will pass this one.
    options = {};
    result = wrapped();
  }
  if (result)
    static_cast<void>(plain.release()); // owned by the TLS stream now
  return result;
}

} // namespace moor::mongo
