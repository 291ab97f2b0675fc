// The half of a socket's life before it is connected.
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "moor/mongo/socket.hpp"

namespace moor::mongo {

namespace {

using clock = wire::clock;

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

} // namespace

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
  end_dial(false);
  state_ = state::failed;
  return false;
}

void socket::time_steps_of(std::string host_and_port) {
  timed_as_ = std::move(host_and_port);
  line_->steps().begin(establish_step::dial, timed_as_);
}

void socket::end_dial(bool connected) {
  if (timed_as_.empty())
    return;
  line_->steps().end(establish_step::dial, timed_as_, connected);
  if (connected)
    line_->steps().begin(speaks_tls_ ? establish_step::tls : establish_step::hello, timed_as_);
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
  if (error == 0)
    end_dial(true);
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
      end_dial(true);
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
    line_->note(io_fault::interrupted, server_, "the dial to " + server_ + " was interrupted",
                failure_cause::interrupted);
  else if (error == ETIMEDOUT)
    line_->note(io_fault::timed_out, server_, server_ + " did not accept a connection in time",
                failure_cause::dial_timeout);
  else
    line_->note(io_fault::closed, server_,
                "cannot connect to " + server_ + ": " + std::generic_category().message(error),
                error == ECONNREFUSED ? failure_cause::dial_refused : failure_cause::dial_failed);
}

} // namespace moor::mongo
