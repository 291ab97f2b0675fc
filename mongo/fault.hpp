// What an error of libmongoc means, before moor's policy is applied to it.
#pragma once

#include <cstdint>
#include <string_view>

#include "moor/mongo/translate.hpp"

namespace moor::mongo {

enum class fault : std::uint8_t {
  interrupted,          ///< cut from this side
  silent,               ///< the server did not answer in time
  lost,                 ///< the connection was refused, reset or closed
  unexplained,          ///< a network error of which the sockets know nothing
  unreachable,          ///< servers refused or closed the connection on which they were looked for
  unanswered,           ///< servers that were looked for did not answer
  no_server,            ///< servers answered, but none is suitable
  server_state,         ///< the server is shutting down or is not the primary any more
  hello_refused,        ///< the server answered the handshake with an error
  credentials_refused,  ///< the server judged the credentials
  authentication_error, ///< authentication failed before the server judged the credentials
  server_error,         ///< any other answer of the server
  bad_argument,         ///< refused by libmongoc before it was sent
  bad_reply,            ///< not a message that libmongoc understands
  in_exhaust,           ///< the client is occupied by an exhaust cursor
  tls,                  ///< TLS was not agreed on, and will not be
  mechanism,            ///< the mechanism of authentication cannot be used
  other,
};

/// What of libmongoc's own words tells a cause that the sockets and OpenSSL do not: all of that
/// stands here.
failure_cause cause_in_words(std::string_view message) noexcept;

/// What happened, by the error's domain and code, by what the sockets saw, and, where libmongoc
/// keeps no code, by its message. A `hello` that was refused is not recognised here.
fault classify(const _bson_error_t& error, const circumstances& seen);

/// The error's code, signed as the servers' codes are.
std::int32_t code_of(const _bson_error_t& error) noexcept;

/// Whether a server's code says that its state changed.
bool is_state_change(std::int32_t code) noexcept;

} // namespace moor::mongo
