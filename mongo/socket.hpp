// A non-blocking client socket that another thread can cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>
#include <sys/uio.h>

#include "moor/mongo/fiber_loop.hpp"
#include "moor/mongo/opening.hpp"
#include "moor/mongo/read_ahead.hpp"
#include "moor/mongo/reply_check.hpp"
#include "moor/mongo/resolve.hpp"
#include "moor/mongo/wire.hpp"

namespace moor::mongo {

/// Dials the addresses of one server in turn and then sends and receives. Used by one thread at a
/// time; `wire::cut` ends its waits. Timeouts are in milliseconds; 0 does not wait and a negative
/// one waits without limit, but the wire's deadline holds for all. A failure is noted on the wire.
class socket {
public:
  /// `server` names the other side in errors. An address that does not answer leaves time for those
  /// after it; all is over at `dial_until`.
  socket(std::shared_ptr<wire> line, std::string server, std::vector<endpoint> addresses,
         wire::clock::time_point dial_until);
  ~socket();

  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;

  /// The other side is asked in MongoDB's wire protocol, and must answer so: a `receive` of
  /// anything else fails.
  void expect_replies() { replies_.emplace(); }

  /// The other side is spoken to in TLS, and must answer so.
  void expect_tls() { speaks_tls_ = true; }

  /// To be called before the dial: it, and what follows it, is a step of the wire's of this name.
  void time_steps_of(std::string host_and_port);

  /// Begins to dial the next address. False if none is left or the wire is cut.
  bool dial_next();

  bool dialing() const noexcept { return state_ == state::dialing; }

  bool connected() const noexcept { return state_ == state::connected; }

  /// Carries the dial on after poll reported `events` on the descriptor, or none. False if it
  /// failed.
  bool advance_dial(short events);

  /// When `advance_dial` is due at the latest.
  wire::clock::time_point dial_next_at() const noexcept { return next_address_at_; }

  /// Sends all of `buffers`, which stay as they are. Returns the bytes sent, fewer if the time was
  /// over, or -1 with `errno`: ETIMEDOUT, EAGAIN (timeout 0), or why the connection is of no use.
  ssize_t send(std::span<const iovec> buffers, std::int32_t timeout);

  /// Receives until `at_least` bytes are there or the buffers are full; with `at_least` 0 it
  /// returns after the first bytes. Returns the bytes received, or -1 with `errno` as above (0 with
  /// EAGAIN if `at_least` is 0). At the end of the stream fewer than `at_least` are an error, 0
  /// else.
  ssize_t receive(std::span<const iovec> buffers, std::size_t at_least, std::int32_t timeout);

  /// Whether something was received that nobody asked for yet: `receive` will not wait.
  bool has_unread() const noexcept { return !ahead_.empty(); }

  /// Whether the other side has closed; does not wait.
  bool closed_by_peer();

  /// Whether the other side, which has closed, said something before that was not received yet: an
  /// answer, an alert that only TLS can read, or words of another protocol. Does not wait.
  bool left_a_word() const noexcept;

  /// `errno` of the last `send` or `receive`; 0 if it succeeded.
  int last_error() const noexcept { return last_error_; }

  int descriptor() const noexcept { return descriptor_; }

  /// The socket, to be waited for on a fiber.
  fiber_loop::interest interest_in(short events) noexcept {
    return {descriptor_, events, &waited_for_as_};
  }

  /// To be called when a fiber that used this socket was suspended: what OpenSSL keeps by thread of
  /// its failures may be another connection's now.
  void note_resumed() const noexcept;

  const std::shared_ptr<wire>& line() const noexcept { return line_; }

  /// Notes on the wire that it was cut or, if not, that the server was silent for too long.
  void note_end_of_wait();

  void close() noexcept;

private:
  enum class state : std::uint8_t { idle, dialing, connected, failed };

  bool begin_dial(const endpoint& to);
  bool wait_for(short events, wire::clock::time_point until);
  bool wait_on_fiber(const fiber_loop::here& fiber, short events, wire::clock::time_point until);
  bool wait_within(std::int32_t timeout, short events,
                   std::optional<wire::clock::time_point>& until);
  ssize_t receive_once(std::span<const iovec> buffers, std::size_t offset);
  ssize_t receive_rest(std::span<const iovec> buffers, std::size_t received, std::size_t at_least,
                       std::int32_t timeout, std::optional<wire::clock::time_point> until);
  ssize_t fail(int error, const char* doing);
  ssize_t fail_closed() noexcept;
  bool is_acceptable(std::span<const iovec> buffers, std::size_t count);
  bool fail_garbled(std::string text, failure_cause cause);
  void note_close(const std::string& text);
  void note_dial_failure(int error);
  void end_dial(bool connected);

  std::shared_ptr<wire> line_;
  std::string server_;
  std::vector<endpoint> addresses_; // not dialed yet, the next one last
  wire::clock::time_point dial_until_;
  wire::clock::time_point next_address_at_;
  int descriptor_ = -1;
  int last_error_ = 0;
  std::uint32_t waited_for_as_ = 0; // by a fiber's loop
  state state_ = state::idle;
  opening opening_;
  std::optional<reply_check> replies_;
  read_ahead ahead_;
  bool awaits_answer_ = false; // something was sent since the last receive, without waiting
  bool speaks_tls_ = false;
  std::string timed_as_;
};

} // namespace moor::mongo
