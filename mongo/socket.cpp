#include "moor/mongo/socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace moor::mongo {

namespace {

using clock = wire::clock;

bool would_block(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK;
}

std::string words(int error) {
  return std::generic_category().message(error);
}

void set_option(int descriptor, int level, int name, int value) noexcept {
  // None of these options is needed to work; a kernel that lacks one keeps its default.
  ::setsockopt(descriptor, level, name, &value, sizeof value);
}

/// No delay for small messages, and probes that find a dead peer within minutes, the values being
/// those of libmongoc's own sockets.
void configure_tcp(int descriptor) noexcept {
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 120);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 9);
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
      parts_[count_++] = {static_cast<char*>(buffer.iov_base) + offset, buffer.iov_len - offset};
      offset = 0;
      if (count_ == parts_.size())
        break;
    }
  }

  msghdr message() noexcept {
    msghdr result{};
    result.msg_iov = parts_.data();
    result.msg_iovlen = count_;
    return result;
  }

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

/// Milliseconds until `when` for poll, rounded up so that it does not wake too early.
int poll_timeout(clock::time_point when) {
  if (when == clock::time_point::max())
    return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 1'000'000'000));
}

clock::time_point expiry(std::int32_t timeout, clock::time_point deadline) {
  if (timeout < 0)
    return deadline;
  return std::min(deadline, clock::now() + std::chrono::milliseconds{timeout});
}

} // namespace

socket::socket(std::shared_ptr<wire> line, std::string server, std::vector<endpoint> addresses,
               clock::time_point dial_until)
    : line_{std::move(line)}, server_{std::move(server)}, addresses_{std::move(addresses)},
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
  state_ = state::failed;
}

bool socket::dial_next() {
  while (!addresses_.empty()) {
    const auto now = clock::now();
    const auto share = (dial_until_ - now) / static_cast<int>(addresses_.size());
    next_address_at_ = now + share;
    const auto to = addresses_.back();
    addresses_.pop_back();
    if (begin_dial(to))
      return true;
    if (line_->is_cut())
      break;
  }
  state_ = state::failed;
  return false;
}

bool socket::begin_dial(const endpoint& to) {
  close();
  const auto family = to.address.ss_family;
  descriptor_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) {
    note_dial_failure(errno);
    return false;
  }
  if (!line_->attach(descriptor_)) {
    ::close(std::exchange(descriptor_, -1));
    note_dial_failure(ECANCELED);
    return false;
  }
  if (family != AF_UNIX)
    configure_tcp(descriptor_);
  const auto status
    = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&to.address), to.length);
  const auto error = status == 0 ? 0 : errno;
  // A cut between `attach` and `connect` met a socket that could not be shut down yet.
  if (line_->is_cut()) {
    note_dial_failure(ECANCELED);
    return false;
  }
  if (error != 0 && error != EINPROGRESS && error != EINTR) {
    note_dial_failure(error);
    return false;
  }
  state_ = error == 0 ? state::connected : state::dialing;
  return true;
}

bool socket::advance_dial(short events) {
  if (events != 0) {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
      error = errno;
    if (error == 0 && !line_->is_cut()) {
      state_ = state::connected;
      return true;
    }
    note_dial_failure(error);
    return dial_next();
  }
  if (clock::now() < next_address_at_)
    return true;
  note_dial_failure(ETIMEDOUT);
  return dial_next();
}

void socket::note_dial_failure(int error) {
  if (line_->is_cut())
    line_->note(io_fault::interrupted, server_, "the dial to " + server_ + " was interrupted");
  else if (error == ETIMEDOUT)
    line_->note(io_fault::timed_out, server_, server_ + " did not accept a connection in time");
  else
    line_->note(io_fault::closed, server_, "cannot connect to " + server_ + ": " + words(error));
}

void socket::note_end_of_wait() {
  if (line_->is_cut())
    line_->note(io_fault::interrupted, server_, "the connection to " + server_ + " was interrupted");
  else
    line_->note(io_fault::timed_out, server_, server_ + " did not answer in time");
}

// The second half of every failed input or output: notes it and sets `errno`.
ssize_t socket::fail(int error, const char* doing) {
  if (line_->is_cut() || error == ETIMEDOUT)
    note_end_of_wait();
  else if (error == 0)
    line_->note(io_fault::closed, server_, server_ + " closed the connection");
  else
    line_->note(io_fault::closed, server_,
                std::string{doing} + " " + server_ + " failed: " + words(error));
  errno = last_error_ = error == 0 ? ECONNRESET : error;
  return -1;
}

bool socket::wait_for(short events, clock::time_point until) {
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

ssize_t socket::send(std::span<const iovec> buffers, std::int32_t timeout) {
  const auto total = total_size(buffers);
  auto until = clock::time_point::min(); // known once it must wait
  std::size_t sent = 0;
  last_error_ = 0;
  while (sent < total) {
    window rest{buffers, sent};
    const auto message = rest.message();
    const auto count = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
    if (count >= 0) {
      sent += static_cast<std::size_t>(count);
      continue;
    }
    if (errno == EINTR)
      continue;
    if (!would_block(errno))
      return fail(errno, "sending to");
    if (timeout == 0) {
      last_error_ = EAGAIN;
      break;
    }
    if (until == clock::time_point::min())
      until = expiry(timeout, line_->deadline());
    if (!wait_for(POLLOUT, until)) {
      fail(errno, "sending to");
      break;
    }
  }
  if (last_error_ != 0)
    errno = last_error_;
  return sent > 0 || total == 0 ? static_cast<ssize_t>(sent) : -1;
}

ssize_t socket::receive(std::span<const iovec> buffers, std::size_t at_least,
                        std::int32_t timeout) {
  const auto total = total_size(buffers);
  auto until = clock::time_point::min(); // known once it must wait
  std::size_t received = 0;
  last_error_ = 0;
  while (received < total) {
    window rest{buffers, received};
    auto message = rest.message();
    const auto count = ::recvmsg(descriptor_, &message, 0);
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
    if (errno == EINTR)
      continue;
    if (!would_block(errno))
      return fail(errno, "receiving from");
    if (timeout == 0) {
      errno = last_error_ = EAGAIN;
      return received >= at_least ? static_cast<ssize_t>(received) : -1;
    }
    if (until == clock::time_point::min())
      until = expiry(timeout, line_->deadline());
    if (!wait_for(POLLIN, until))
      return fail(errno, "receiving from");
  }
  return static_cast<ssize_t>(received);
}

bool socket::closed_by_peer() {
  if (!connected() || line_->is_cut())
    return true;
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
