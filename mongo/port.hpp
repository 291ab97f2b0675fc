// What moor needs of a MongoDB driver: make a connection, and use it from one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "moor/config/duration.hpp"
#include "moor/messages/document.hpp"
#include "moor/messages/errors.hpp"
#include "moor/mongo/command_observer.hpp"
#include "moor/mongo/steps.hpp"

struct _mongoc_client_t; // libmongoc's client, opaque here

namespace moor::mongo {

class fiber_lane;

/// One connection to MongoDB. Used by one thread at a time (which one may change), except
/// `interrupt`.
class connection {
public:
  virtual ~connection() = default;

  /// Dials, wraps in TLS if configured, shakes hands, authenticates and pings once.
  /// Blocks up to the connect timeout. Returns why it failed, or nothing.
  /// A connection that failed to establish is only good for destruction.
  virtual std::optional<failure> establish() = 0;

  /// The steps of `establish`, whether it succeeded or not, in the order in which they ended; those
  /// of several servers among each other. On the thread that uses the connection.
  virtual std::vector<step_record> steps() const { return {}; }

  /// What the latest TLS handshake led to; nothing without TLS. On the thread that uses the
  /// connection.
  virtual std::optional<tls_facts> tls() const { return {}; }

  /// Whether no member of a replica set that takes writes was found when it was established: it
  /// reads at secondaries. False for a connection that leads to one server. Settled by `establish`;
  /// any thread after that.
  virtual bool read_only() const noexcept = 0;

  /// Pings the server; blocks up to `timeout`.
  virtual std::optional<failure> ping(duration timeout) = 0;

  /// Runs one command. Blocks up to the socket timeout, or until interrupted.
  virtual std::variant<document, failure> command(const std::string& database, const document& body)
    = 0;

  /// The driver's own handle, never null after `establish`. Whoever asks may use it as he likes,
  /// and so asks again before he does so after something else used the connection. By one who uses
  /// the connection, while nobody else does.
  virtual _mongoc_client_t* client() noexcept = 0;

  /// The same handle, for one who is to ask `client` before he uses it. Any thread.
  virtual _mongoc_client_t* client_in_use() const noexcept = 0;

  /// The worst that was seen on this connection since the last call, whoever used it: an error that
  /// user code met and swallowed is reported here all the same, and so is an interrupt.
  virtual std::optional<failure> take_failure() = 0;

  /// What an error is on this connection that its user's code was given by the driver, and that
  /// `translate` judged without knowing of the connection and of the server's answer.
  virtual failure weighed(failure why) const = 0;

  /// From now on `how.by` is told of every command that is sent while the connection has a purpose,
  /// by whichever thread sends it. After `establish`.
  virtual void observe(observation how) = 0;

  /// Says what the connection is used for from now on; nothing: for moor itself. Returns what it
  /// was used for until now. Its pings have no purpose whatever is said here. Does not block.
  virtual std::optional<purpose> use_for(std::optional<purpose> what) = 0;

  /// Makes the operation in flight, and every later one, fail at once. Any thread; does not block.
  virtual void interrupt() noexcept = 0;

  /// Whether `interrupt` was called. Any thread.
  virtual bool interrupted() const noexcept = 0;

  /// Whether its destruction waits for nobody: it was interrupted or has failed. On the thread that
  /// uses the connection.
  virtual bool ends_at_once() const noexcept { return interrupted(); }

  /// Where this connection is used without a thread of its own, its function of a `run` too, by one
  /// thread after the other; null if it needs one. Always the same one. Throws std::system_error if
  /// there are no threads for it. Any thread.
  virtual std::shared_ptr<fiber_lane> lane() { return nullptr; }

  /// Whether `ping`, `command` and the connection's end, if they come now, wait for known sockets
  /// alone: then they may be called on a fiber. On the thread that uses the connection.
  virtual bool fits_fiber() { return false; }
};

/// Makes connections, all to the same server with the same settings. Any thread.
class driver {
public:
  virtual ~driver() = default;

  /// A connection not yet established; performs no I/O and does not block.
  virtual std::shared_ptr<connection> make_connection() = 0;

  /// Host and port as written in the connection string, for events and logs; several are joined by
  /// commas.
  virtual std::string address() const = 0;

  /// Where a pool of its connections may have its turns, so that it and they need not wake each
  /// other's threads; null if connections have threads of their own. Throws std::system_error.
  virtual std::shared_ptr<fiber_lane> lane() { return nullptr; }

  /// Whether connections of the two are made in the same way: by the same connection string and
  /// timeouts, and by files that had the same contents when the drivers were made.
  virtual bool is_same_as(const driver& other) const { return this == &other; }
};

} // namespace moor::mongo
