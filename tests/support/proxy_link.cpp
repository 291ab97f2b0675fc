#include "support/proxy_link.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <sys/socket.h>

#include "support/loopback.hpp"

namespace moor::test {

namespace {

constexpr auto never = proxy_clock::time_point::max();

} // namespace

proxy_clock::time_point proxy_flow::due(std::chrono::milliseconds delay) const noexcept {
  return chunks_.empty() ? never : chunks_.front().arrived + delay;
}

bool proxy_flow::receive(int from, proxy_clock::time_point now) {
  std::array<char, 16 * 1024> bytes;
  const auto got = ::recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0)
    return passing_trouble();
  if (got == 0) {
    ended_ = true;
    return true;
  }
  const auto size = static_cast<std::size_t>(got);
  chunks_.push_back({.bytes = {bytes.data(), size}, .arrived = now});
  held_ += size;
  return true;
}

bool proxy_flow::send(int to, proxy_clock::time_point now, std::chrono::milliseconds delay) {
  while (due(delay) <= now) {
    auto& bytes = chunks_.front().bytes;
    if (!bytes.empty()) { // a byte cut in two leaves none
      const auto sent = ::send(to, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0)
        return passing_trouble();
      held_ -= static_cast<std::size_t>(sent);
      bytes.erase(0, static_cast<std::size_t>(sent));
    }
    if (bytes.empty())
      chunks_.pop_front();
  }
  return true;
}

void proxy_flow::distort(proxy_rules& rules) {
  if (rules.what == fault::garbage) {
    for (auto& held : chunks_)
      if (!std::exchange(held.garbled, true))
        std::ranges::generate(held.bytes, [&] { return static_cast<char>(rules.random()); });
  } else if (rules.what == fault::cut && !chunks_.empty() && !cut_) {
    chunks_.erase(std::next(chunks_.begin()), chunks_.end());
    auto& bytes = chunks_.front().bytes;
    bytes.resize(bytes.size() / 2);
    held_ = bytes.size();
    cut_ = ended_ = true;
  }
}

proxy_link::proxy_link(descriptor client, descriptor server) noexcept
  : client_{std::move(client)}, server_{std::move(server)} {}

std::array<pollfd, 2> proxy_link::interests(const proxy_rules& rules,
                                            proxy_clock::time_point now) const {
  // During silence the server is not even looked at: its end must not show, and would wake poll
  // again and again.
  if (rules.what == fault::silence)
    return {pollfd{client_.get(), POLLRDHUP, 0}, pollfd{-1, 0, 0}};
  const auto events = [now](const proxy_flow& in, const proxy_flow& out, auto delay) {
    return static_cast<short>((in.wants() ? POLLIN : 0) | (out.due(delay) <= now ? POLLOUT : 0));
  };
  return {
    pollfd{client_.get(), events(to_server_, to_client_, rules.delay()), 0},
    pollfd{server_.get(), events(to_client_, to_server_, std::chrono::milliseconds::zero()), 0}};
}

proxy_clock::time_point proxy_link::due(const proxy_rules& rules) const noexcept {
  return rules.what == fault::silence ? never : to_client_.due(rules.delay());
}

bool proxy_link::receive(const std::array<pollfd, 2>& seen, proxy_rules& rules,
                         proxy_clock::time_point now) {
  const auto [client, server] = seen;
  // A socket that is of no more use cannot be left unread: poll would report it for ever.
  constexpr short broken = POLLERR | POLLHUP;
  if ((client.revents & broken && !to_server_.wants())
      || (server.revents & broken && !to_client_.wants()))
    return false;
  if (client.revents != 0 && to_server_.wants() && !to_server_.receive(client_.get(), now))
    return false;
  if (server.revents != 0 && to_client_.wants()) {
    if (!to_client_.receive(server_.get(), now))
      return false;
    to_client_.distort(rules);
  }
  return true;
}

bool proxy_link::advance(const std::array<pollfd, 2>& seen, proxy_rules& rules) {
  if (rules.what == fault::silence)
    return seen[0].revents == 0;
  const auto now = proxy_clock::now();
  if (!receive(seen, rules, now) || !to_server_.send(server_.get(), now, {})
      || !to_client_.send(client_.get(), now, rules.delay())) {
    reset();
    return false;
  }
  return !to_server_.over() && !to_client_.over();
}

void proxy_link::reset() noexcept {
  close_by_reset(client_);
  close_by_reset(server_);
}

} // namespace moor::test
