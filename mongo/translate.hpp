// libmongoc's errors in moor's words: the only place that knows what they mean.
#pragma once

#include <cstdint>

#include "moor/messages/errors.hpp"
#include "moor/mongo/wire.hpp"

struct _bson_error_t; // libbson's, opaque here
struct _bson_t;

namespace moor::mongo {

/// What is known of an error beside itself.
struct circumstances {
  /// It happened before the connection was established.
  bool establishing = false;
  /// What the client's sockets saw. libmongoc gives a lost connection and a silent server the same
  /// code; without this, a network error spoils its connection only.
  io_trouble network;
  /// The reply that came with the error, if any; may be null.
  const _bson_t* reply = nullptr;
  /// The answer to `hello` that stands behind the error and said `ok: 0`; may be null. libmongoc
  /// reports it as if the credentials had been refused.
  const _bson_t* hello_refusal = nullptr;
};

/// Says what `error` is for moor and how far it reaches. The rules are those of the SDAM
/// specification ("Error handling"):
/// - a lost connection spoils the generation, a silent server or an interruption the connection;
/// - before the connection is established, a network error spoils no other connection, but a
/// `hello`
///   or an authentication that the server answered with an error spoils the generation;
/// - an error that says that the server changed its state spoils the generation: not only the
///   connections but also what the clients know of the servers is outdated;
/// - any other answer of the server spoils nothing.
///
/// The text names codes, error labels, hosts and stages. A server's own message is kept only for
/// codes whose message cannot carry values (`server_code::plain_message`), one of libmongoc's
/// without its quoted parts. Pure; any thread.
failure translate(const _bson_error_t& error, const circumstances& seen);

/// The error code that a reply carries; 0 if none.
std::int32_t code_in(const _bson_t& reply) noexcept;

/// Whether a server's reply says that it did what it was asked. libmongoc reports a reply that says
/// no, but has neither code nor words, as a success.
bool says_ok(const _bson_t& reply) noexcept;

} // namespace moor::mongo
