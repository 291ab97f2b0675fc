// What a server says of itself.
#pragma once

#include <functional>
#include <variant>

#include "moor/messages/document.hpp"
#include "moor/messages/health.hpp"
#include "moor/mongo/port.hpp"

namespace moor::mongo {

/// Pings the server, takes the time of that by `now`, and asks for `hello` and `serverStatus`. The
/// ping blocks up to `timeout`, each of the others up to the socket timeout; an interrupt ends all.
/// A server that refuses `serverStatus` keeps its connections to itself; any other failure is
/// returned. On the thread that uses the connection.
std::variant<server_view, failure> look_at_server(connection& from, duration timeout,
                                                  const std::function<instant()>& now);

/// `hello`. Made once, as is the next; any thread.
const document& hello_command();

/// `serverStatus`, without the sections that cost the server something.
const document& status_command();

/// What an answer to `hello` says; fields that are missing or of another type are left as they are.
void read_hello(const document& answer, server_view& into);

/// What an answer to `serverStatus` says of connections.
void read_status(const document& answer, server_view& into);

} // namespace moor::mongo
