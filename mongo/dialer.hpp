// How a client opens its connections: libmongoc's "stream initiator".
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "moor/config/duration.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/wire.hpp"

namespace moor::mongo {

/// The TLS options of a connection string. Empty paths mean: the system's certificate authorities,
/// and no client certificate.
struct tls_settings {
  std::string authorities_file;
  std::string certificate_file;
  std::string certificate_password;
  bool allow_invalid_certificates = false;
  bool allow_invalid_hostnames = false;
};

/// Opens streams to the servers of one client. Lives as long as the client that it is installed in.
class dialer {
public:
  dialer(std::shared_ptr<wire> line, duration connect_timeout, std::optional<tls_settings> tls);

  /// Makes `client` open its connections here from now on. Once per client, before its first use.
  void install(mongoc_client_t* client);

private:
  static mongoc_stream_t* initiate(const mongoc_uri_t*, const mongoc_host_list_t* host, void* self,
                                   bson_error_t* error) noexcept;

  stream_owner open(const mongoc_host_list_t& host, bson_error_t* error);
  stream_owner wrap_in_tls(stream_owner plain, const char* host, bson_error_t* error) const;

  std::shared_ptr<wire> line_;
  duration connect_timeout_;
  std::optional<tls_settings> tls_;
};

} // namespace moor::mongo
