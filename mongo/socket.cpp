#include "moor/mongo/socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "moor/mongo/poll_timeout.hpp"

namespace moor::mongo {

namespace {

using clock = wire::clock;

bool would_block(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK;
}

std::string words(int error) {
  return std::generic_category().message(error);
}

/// The part of a list of buffers that begins at byte `offset`, as many as one system call may take.
class window {
public:
  window(std::span<const iovec> buffers, std::size_t offset) {
    for (const auto& buffer : buffers) {
      if (offset >= buffer.iov_len) {
        offset -= buffer.iov_len;
        continue;
      }
      add({static_cast<char*>(buffer.iov_base) + offset, buffer.iov_len - offset});
      offset = 0;
      if (is_full())
        break;
    }
  }

  bool is_full() const noexcept { return count_ == parts_.size(); }
  void add(iovec part) noexcept { parts_[count_++] = part; }

  msghdr message() noexcept {
    msghdr result{};
    result.msg_iov = parts_.data();
    result.msg_iovlen = count_;
    return result;
  }

  std::span<const iovec> parts() const noexcept { return {parts_.data(), count_}; }

private:
  std::array<iovec, 16> parts_;
  std::size_t count_ = 0;
};

std::size_t total_size(std::span<const iovec> buffers) noexcept {
  std::size_t result = 0;
  for (const auto& buffer : buffers)
    result += buffer.iov_len;
  return result;
}

} // namespace

socket::socket(std::shared_ptr<wire> line, std::string server, std::vector<endpoint> addresses,
               clock::time_point dial_until)
  : line_{std::move(line)},
    server_{std::move(server)},
    addresses_{std::move(addresses)},
    dial_until_{dial_until} {
  std::reverse(addresses_.begin(), addresses_.end());
}

socket::~socket() {
  close();
}

void socket::close() noexcept {
  if (descriptor_ < 0)
    return;
  line_->detach(descriptor_);
  ::close(std::exchange(descriptor_, -1));
  waited_for_as_ = 0;
  awaits_answer_ = false;
  ahead_.clear();
  state_ = state::failed;
}

void socket::note_end_of_wait() {
  if (dialing())
    note_dial_failure(ETIMEDOUT);
  else if (line_->is_cut())
    line_->note(io_fault::interrupted, server_, "the connection to " + server_ + " was interrupted",
                failure_cause::interrupted);
  else
    line_->note(io_fault::timed_out, server_, server_ + " did not answer in time",
                failure_cause::no_answer);
}

/// A server that says nothing at all before it closes may have been asked in the wrong language.
void socket::note_close(const std::string& text) {
  const std::string_view guess = !opening_.silent() ? ""
                                 : speaks_tls_
                                   ? " before it answered anything; it may not speak TLS"
                                 : replies_ ? " before it answered anything; it may want TLS"
                                            : "";
  line_->note(io_fault::closed, server_, text + std::string{guess}, failure_cause::closed);
}

// The second half of every failed input or output: notes it and sets `errno`.
ssize_t socket::fail(int error, const char* doing) {
  if (line_->is_cut() || error == ETIMEDOUT)
    note_end_of_wait();
  else if (error == 0)
    note_close(server_ + " closed the connection");
  else
    note_close(std::string{doing} + " " + server_ + " failed: " + words(error));
  errno = last_error_ = error == 0 ? ECONNRESET : error;
  return -1;
}

bool socket::fail_garbled(std::string text, failure_cause cause) {
  line_->note(io_fault::garbled, server_, std::move(text), cause);
  errno = last_error_ = EPROTO;
  return false;
}

bool socket::is_acceptable(std::span<const iovec> buffers, std::size_t count) {
  opening_.received(buffers, count);
  if (speaks_tls_)
    return !opening_.is_not_tls()
           || fail_garbled(server_ + " answers without TLS", failure_cause::tls_not_spoken);
  if (!replies_)
    return true;
  if (opening_.is_alert())
    return fail_garbled(server_ + " answers in TLS, which the connection string does not ask for",
                        failure_cause::tls_demanded);
  const auto wrong = opening_.is_http() ? "it answers in HTTP" : replies_->received(buffers, count);
  return wrong.empty()
         || fail_garbled(server_ + " does not speak MongoDB's wire protocol: " + std::string{wrong},
                         failure_cause::not_mongodb);
}

// Why it is closed was noted before.
ssize_t socket::fail_closed() noexcept {
  errno = last_error_ = ENOTCONN;
  return -1;
}

void socket::note_resumed() const noexcept {
  if (speaks_tls_)
    ERR_clear_error();
}

bool socket::wait_on_fiber(const fiber_loop::here& fiber, short events, clock::time_point until) {
  const auto what = interest_in(events);
  const auto end = fiber.wait({&what, 1}, until);
  note_resumed();
  if (end == fiber_loop::outcome::ready)
    return true;
  // The loop may have been late itself, and what came in time lie there.
  pollfd entry{descriptor_, events, 0};
  if (end == fiber_loop::outcome::timed_out && ::poll(&entry, 1, 0) > 0)
    return true;
  errno = end == fiber_loop::outcome::timed_out ? ETIMEDOUT : ECANCELED;
  return false;
}

bool socket::wait_for(short events, clock::time_point until) {
  if (const fiber_loop::here fiber; fiber)
    return wait_on_fiber(fiber, events, until);
  for (;;) {
    pollfd entry{descriptor_, events, 0};
    const auto ready = ::poll(&entry, 1, poll_timeout(until));
    if (ready > 0)
      return true;
    if (ready < 0 && errno != EINTR)
      return false;
    if (clock::now() >= until) {
      errno = ETIMEDOUT;
      return false;
    }
  }
}

/// The timeout begins with the first wait.
bool socket::wait_within(std::int32_t timeout, short events,
                         std::optional<clock::time_point>& until) {
  if (!until)
    until = expiry(timeout, line_->deadline());
  return wait_for(events, *until);
}

ssize_t socket::send(std::span<const iovec> buffers, std::int32_t timeout) {
  const auto total = total_size(buffers);
  std::optional<clock::time_point> until; // known once it must wait
  std::size_t sent = 0;
  if (descriptor_ < 0)
    return fail_closed();
  last_error_ = 0;
  // Of a message in parts, as TLS makes them, the first.
  if (const fiber_loop::here fiber; fiber && !awaits_answer_) {
    fiber.before_sending();
    note_resumed();
  }
  while (sent < total) {
    window rest{buffers, sent};
    const auto message = rest.message();
    const auto count = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
    if (count >= 0) {
      if (replies_)
        replies_->sent(rest.parts(), static_cast<std::size_t>(count));
      sent += static_cast<std::size_t>(count);
      continue;
    }
    if (errno == EINTR)
      continue;
    if (!would_block(errno)) {
      // A server may have said why it closes, in an alert that only TLS can read, and whatever else
      // listens there who it is: the next receive brings that, and then the end.
      const auto error = errno;
      const bool may_have_spoken = speaks_tls_ || opening_.silent();
      if (!may_have_spoken || !left_a_word())
        return fail(error, "sending to");
      return static_cast<ssize_t>(total);
    }
    if (timeout == 0) {
      last_error_ = EAGAIN;
      break;
    }
    if (!wait_within(timeout, POLLOUT, until)) {
      fail(errno, "sending to");
      break;
    }
  }
  awaits_answer_ = !until;
  if (last_error_ != 0)
    errno = last_error_;
  return sent > 0 || total == 0 ? static_cast<ssize_t>(sent) : -1;
}

/// One system call, for what is wanted from byte `offset` on and for what lies behind that. Returns
/// how many bytes of those wanted came; -1 without `last_error_` if there is nothing yet.
ssize_t socket::receive_once(std::span<const iovec> buffers, std::size_t offset) {
  window rest{buffers, offset};
  const auto wanted = total_size(rest.parts());
  if (!rest.is_full())
    rest.add(ahead_.room());
  auto message = rest.message();
  ssize_t count = 0;
  do
    count = ::recvmsg(descriptor_, &message, 0);
  while (count < 0 && errno == EINTR);
  if (count < 0 && !would_block(errno))
    return fail(errno, "receiving from");
  if (count <= 0)
    return count;
  const auto came = static_cast<std::size_t>(count);
  if (!is_acceptable(rest.parts(), came))
    return -1;
  ahead_.received(came - std::min(came, wanted));
  return static_cast<ssize_t>(std::min(came, wanted));
}

ssize_t socket::receive(std::span<const iovec> buffers, std::size_t at_least,
                        std::int32_t timeout) {
  std::optional<clock::time_point> until; // known once it must wait
  if (descriptor_ < 0)
    return fail_closed();
  last_error_ = 0;
  const auto received = ahead_.take(buffers);
  const bool enough = received > 0 && received >= at_least;
  if (enough || received == total_size(buffers))
    return static_cast<ssize_t>(received);
  // An answer to what was just sent cannot be there yet.
  if (std::exchange(awaits_answer_, false) && timeout != 0 && !wait_within(timeout, POLLIN, until))
    return fail(errno, "receiving from");
  return receive_rest(buffers, received, at_least, timeout, until);
}

/// What `receive` does with the system's help.
ssize_t socket::receive_rest(std::span<const iovec> buffers, std::size_t received,
                             std::size_t at_least, std::int32_t timeout,
                             std::optional<clock::time_point> until) {
  const auto total = total_size(buffers);
  while (received < total) {
    const auto count = receive_once(buffers, received);
    if (count > 0) {
      received += static_cast<std::size_t>(count);
      if (received >= at_least)
        break;
      continue;
    }
    if (count == 0) {
      fail(0, "receiving from");
      return received >= at_least ? static_cast<ssize_t>(received) : -1;
    }
    if (last_error_ != 0)
      return -1;
    if (timeout == 0) {
      errno = last_error_ = EAGAIN;
      return received >= at_least ? static_cast<ssize_t>(received) : -1;
    }
    if (!wait_within(timeout, POLLIN, until))
      return fail(errno, "receiving from");
  }
  return static_cast<ssize_t>(received);
}

bool socket::left_a_word() const noexcept {
  if (line_->is_cut())
    return false;
  if (has_unread())
    return true;
  char byte = 0;
  ssize_t count = 0;
  do
    count = ::recv(descriptor_, &byte, 1, MSG_PEEK);
  while (count < 0 && errno == EINTR);
  return count > 0;
}

bool socket::closed_by_peer() {
  if (!connected() || line_->is_cut())
    return true;
  if (has_unread())
    return false;
  char byte = 0;
  ssize_t count = 0;
  do
    count = ::recv(descriptor_, &byte, 1, MSG_PEEK);
  while (count < 0 && errno == EINTR);
  if (count > 0 || (count < 0 && would_block(errno)))
    return false;
  fail(count == 0 ? 0 : errno, "receiving from");
  return true;
}

} // namespace moor::mongo
