#include "moor/mongo/stream.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

#include "moor/mongo/poll_timeout.hpp"

namespace moor::mongo {

namespace {

using clock = wire::clock;

/// Any number that is none of libmongoc's own kinds of stream (1 to 7).
constexpr int stream_type = 1000;

constexpr int broken = POLLERR | POLLHUP | POLLNVAL;

// libmongoc hands back the pointer it was given, to the base: static_cast finds the rest of it. No
// exception may pass through libmongoc, hence the noexcept of all that it calls.
struct socket_stream final : mongoc_stream_t {
  explicit socket_stream(std::unique_ptr<socket> s) : mongoc_stream_t{}, connection{std::move(s)} {}

  std::unique_ptr<socket> connection;
};

socket& socket_of(mongoc_stream_t* stream) noexcept {
  return *static_cast<socket_stream*>(stream)->connection;
}

void destroy(mongoc_stream_t* stream) noexcept {
  delete static_cast<socket_stream*>(stream);
}

int close(mongoc_stream_t* stream) noexcept {
  socket_of(stream).close();
  return 0;
}

int flush(mongoc_stream_t*) noexcept {
  return 0;
}

ssize_t write(mongoc_stream_t* stream, mongoc_iovec_t* buffers, std::size_t count,
              std::int32_t timeout) noexcept {
  return socket_of(stream).send({buffers, count}, timeout);
}

ssize_t read(mongoc_stream_t* stream, mongoc_iovec_t* buffers, std::size_t count,
             std::size_t at_least, std::int32_t timeout) noexcept {
  return socket_of(stream).receive({buffers, count}, at_least, timeout);
}

int set_option(mongoc_stream_t* stream, int level, int name, void* value,
               mongoc_socklen_t size) noexcept {
  return ::setsockopt(socket_of(stream).descriptor(), level, name, value, size);
}

bool is_closed(mongoc_stream_t* stream) noexcept {
  return socket_of(stream).closed_by_peer();
}

bool timed_out(mongoc_stream_t* stream) noexcept {
  return socket_of(stream).last_error() == ETIMEDOUT;
}

bool should_retry(mongoc_stream_t* stream) noexcept {
  return socket_of(stream).last_error() == EAGAIN;
}

/// What came of polling one stream, in the words of poll.
int outcome(socket& connection, int asked, short seen) {
  if (connection.descriptor() < 0) // nobody could be dialled; why is noted
    return POLLERR | POLLHUP;
  if (connection.line()->is_cut()) {
    connection.note_end_of_wait();
    return POLLERR;
  }
  if (!connection.dialing()) {
    if (connection.has_unread())
      seen |= POLLIN;
    if ((seen & broken) != 0 && connection.left_a_word())
      return asked; // libmongoc would not read that otherwise
    if ((seen & broken) != 0)
      connection.closed_by_peer(); // notes why
    return seen & (asked | broken);
  }
  // POLLHUP is what libmongoc reports as "connection refused".
  if (!connection.advance_dial(seen))
    return POLLERR | POLLHUP;
  return connection.connected() ? asked & POLLOUT : 0;
}

/// All of a client that were waited for at its deadline have failed.
ssize_t give_up(std::span<mongoc_stream_poll_t> entries) {
  for (auto& entry : entries) {
    socket_of(entry.stream).note_end_of_wait();
    entry.revents = POLLERR;
  }
  return static_cast<ssize_t>(entries.size());
}

std::vector<pollfd> descriptors(std::span<const mongoc_stream_poll_t> entries) {
  std::vector<pollfd> result;
  for (const auto& entry : entries) {
    const auto& connection = socket_of(entry.stream);
    const auto events = connection.dialing() ? POLLOUT : entry.events;
    result.push_back({connection.descriptor(), static_cast<short>(events), 0});
  }
  return result;
}

/// Whether one of them is closed or has something already, which poll does not know.
bool is_due(std::span<const mongoc_stream_poll_t> entries) {
  return std::ranges::any_of(entries, [](const auto& entry) {
    const auto& connection = socket_of(entry.stream);
    return connection.descriptor() < 0 || ((entry.events & POLLIN) != 0 && connection.has_unread());
  });
}

/// As poll, but that it suspends the fiber that it is called on. Returns early once in a while.
int poll_until(std::span<const mongoc_stream_poll_t> entries, std::span<pollfd> polled,
               clock::time_point until) {
  const fiber_loop::here fiber;
  const auto ready = ::poll(polled.data(), polled.size(), fiber ? 0 : poll_timeout(until));
  if (!fiber || ready != 0 || clock::now() >= until)
    return ready;
  std::vector<fiber_loop::interest> all;
  for (std::size_t i = 0; i < polled.size(); ++i)
    all.push_back(socket_of(entries[i].stream).interest_in(polled[i].events));
  const auto end = fiber.wait(all, until);
  socket_of(entries.front().stream).note_resumed();
  if (end == fiber_loop::outcome::stopped) {
    errno = ECANCELED;
    return -1;
  }
  return ::poll(polled.data(), polled.size(), 0);
}

clock::time_point next_dial(std::span<const mongoc_stream_poll_t> entries) {
  auto result = clock::time_point::max();
  for (const auto& entry : entries)
    if (const auto& connection = socket_of(entry.stream); connection.dialing())
      result = std::min(result, connection.dial_next_at());
  return result;
}

// All streams of one call belong to one client, and so to one wire.
ssize_t poll_all(std::span<mongoc_stream_poll_t> entries, std::int32_t timeout) {
  const auto deadline = socket_of(entries.front().stream).line()->deadline();
  const auto until = expiry(timeout, deadline);
  for (;;) {
    auto polled = descriptors(entries);
    const auto next = is_due(entries) ? clock::time_point{} : std::min(until, next_dial(entries));
    if (poll_until(entries, polled, next) < 0 && errno != EINTR)
      return -1;
    ssize_t ready = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i].revents
        = outcome(socket_of(entries[i].stream), entries[i].events, polled[i].revents);
      ready += entries[i].revents != 0 ? 1 : 0;
    }
    if (ready > 0)
      return ready;
    const auto now = clock::now();
    if (now >= deadline)
      return give_up(entries);
    if (now >= until)
      return 0;
  }
}

ssize_t poll(mongoc_stream_poll_t* streams, std::size_t count, std::int32_t timeout) noexcept {
  return count == 0 ? 0 : poll_all({streams, count}, timeout);
}

} // namespace

stream_owner make_stream(std::unique_ptr<socket> connection) {
  auto* stream = new socket_stream{std::move(connection)};
  stream->type = stream_type;
  stream->destroy = destroy;
  stream->failed = destroy;
  stream->close = close;
  stream->flush = flush;
  stream->writev = write;
  stream->readv = read;
  stream->setsockopt = set_option;
  stream->check_closed = is_closed;
  stream->timed_out = timed_out;
  stream->should_retry = should_retry;
  stream->poll = poll;
  return stream_owner{stream};
}

} // namespace moor::mongo
