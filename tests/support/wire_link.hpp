// One client's connection to a server that a test scripts.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <poll.h>

#include "support/descriptor.hpp"
#include "support/wire_message.hpp"

namespace moor::test {

/// Requests in, answers out, on a socket that does not block. Answers that the client does not take
/// are kept; meanwhile nothing more is read, and so it holds one message at most and a little of
/// the next. Used by one thread.
class wire_link {
public:
  explicit wire_link(descriptor socket) noexcept;

  /// What to poll for. `busy`: a request is being worked on, no other is wanted.
  pollfd interest(bool busy) const noexcept;

  /// Takes what has come, after `poll` reported `seen` for the same `busy`. False if the connection
  /// is at its end, which it also is when the client left while an answer was due.
  bool receive(short seen, bool busy);

  /// The next request, unless an answer is still to be taken. Throws `wire_error`.
  std::optional<wire_request> next();

  void answer(const wire_request& asked, const document& body);

  /// Sends what the client takes now. False if the connection is broken.
  bool flush();

  /// The client sees a reset instead of an end when this object goes.
  void reset() noexcept;

private:
  descriptor socket_;
  wire_inbox inbox_;
  std::string outbox_;
};

} // namespace moor::test
