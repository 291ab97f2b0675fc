#include "support/wire_link.hpp"

#include <array>
#include <utility>

#include <sys/socket.h>

#include "support/loopback.hpp"

namespace moor::test {

wire_link::wire_link(descriptor socket) noexcept : socket_{std::move(socket)} {
  send_at_once(socket_);
}

pollfd wire_link::interest(bool busy) const noexcept {
  const bool reads = !busy && outbox_.empty();
  const auto events = POLLRDHUP | (reads ? POLLIN : 0) | (outbox_.empty() ? 0 : POLLOUT);
  return {socket_.get(), static_cast<short>(events), 0};
}

bool wire_link::receive(short seen, bool busy) {
  if (busy || !outbox_.empty())
    return (seen & (POLLRDHUP | POLLHUP | POLLERR)) == 0;
  if (seen == 0)
    return true;
  std::array<char, 16 * 1024> bytes;
  const auto got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got <= 0)
    return got < 0 && passing_trouble();
  inbox_.add({bytes.data(), static_cast<std::size_t>(got)});
  return true;
}

std::optional<wire_request> wire_link::next() {
  return outbox_.empty() ? inbox_.next() : std::nullopt;
}

void wire_link::answer(const wire_request& asked, const document& body) {
  if (!asked.answerless)
    outbox_ += wire_answer(asked, body);
}

bool wire_link::flush() {
  if (outbox_.empty())
    return true;
  const auto sent
    = ::send(socket_.get(), outbox_.data(), outbox_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0)
    return passing_trouble();
  outbox_.erase(0, static_cast<std::size_t>(sent));
  return true;
}

void wire_link::reset() noexcept {
  close_by_reset(socket_);
}

} // namespace moor::test
