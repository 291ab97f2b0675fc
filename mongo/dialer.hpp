// How a client opens its connections: libmongoc's "stream initiator".
#pragma once

#include <memory>
#include <string>

#include "moor/mongo/connect_plan.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/socket.hpp"
#include "moor/mongo/wire.hpp"

namespace moor::mongo {

/// Opens streams to the servers of one client. Lives as long as the client that it is installed in.
class dialer {
public:
  dialer(std::shared_ptr<wire> line, std::shared_ptr<const connect_plan> plan);

  /// Makes `client` open its connections here from now on. Once per client, before its first use.
  void install(mongoc_client_t* client);

private:
  static mongoc_stream_t* initiate(const mongoc_uri_t*, const mongoc_host_list_t* host, void* self,
                                   bson_error_t* error) noexcept;

  stream_owner open(const mongoc_host_list_t& host);
  stream_owner open_tls(std::unique_ptr<socket> connection, const mongoc_host_list_t& host,
                        const std::string& server);

  std::shared_ptr<wire> line_;
  std::shared_ptr<const connect_plan> plan_;
};

} // namespace moor::mongo
