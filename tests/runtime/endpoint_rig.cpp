#include "runtime/endpoint_rig.hpp"

#include <algorithm>
#include <cctype>
#include <utility>
#include <variant>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "support/loopback.hpp"
#include "support/patience.hpp"

namespace moor::test {

std::string reply::header(std::string_view name) const {
  const auto mark = "\r\n" + std::string{name} + ": ";
  const auto at = head.find(mark);
  if (at == head.npos)
    return {};
  const auto from = at + mark.size();
  return head.substr(from, head.find("\r\n", from) - from);
}

reply parse_reply(const std::string& text) {
  reply result;
  const auto end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || end == text.npos)
    return result;
  result.status = std::stoi(text.substr(9, 3));
  result.head = text.substr(0, end + 2);
  result.body = text.substr(end + 4);
  bool in_name = true;
  for (auto& c : result.head) {
    in_name = c == '\n' || (in_name && c != ':');
    if (in_name)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

descriptor visiting_socket(std::uint16_t port, int family) {
  descriptor made{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const timeval patience{std::chrono::seconds{forever}.count(), 0};
  ::setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const auto v4 = loopback(port);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = in6addr_loopback;
  const bool connected
    = family == AF_INET6
        ? ::connect(made.get(), reinterpret_cast<const sockaddr*>(&v6), sizeof v6) == 0
        : ::connect(made.get(), reinterpret_cast<const sockaddr*>(&v4), sizeof v4) == 0;
  if (!connected)
    throw std::system_error(errno, std::generic_category(), "cannot connect");
  return made;
}

bool visitor::send(std::string_view text) const {
  while (!text.empty()) {
    const auto sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string visitor::read_until(std::string_view mark) const {
  std::string all;
  std::string part(4'096, '\0');
  for (;;) {
    const auto got = ::recv(socket_.get(), part.data(), part.size(), 0);
    if (got <= 0)
      return all;
    all.append(part, 0, static_cast<std::size_t>(got));
    if (!mark.empty() && all.find(mark) != all.npos)
      return all;
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

std::string endpoint_rig::start() {
  endpoint_options options;
  options.config = config;
  options.shown = shown;
  options.registry = registry;
  options.log = log;
  options.when_exposed = when_exposed;
  auto opened = open_endpoint(options);
  if (auto* why = std::get_if<std::string>(&opened))
    return *why;
  open = std::get<std::unique_ptr<endpoint>>(std::move(opened));
  return {};
}

std::uint16_t endpoint_rig::port() const {
  const auto address = open->address();
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

reply endpoint_rig::send(std::string_view bytes) const {
  const visitor one{port()};
  one.send(bytes);
  return parse_reply(one.read_until());
}

reply endpoint_rig::get(const std::string& path, const std::string& headers) const {
  return send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
}

void endpoint_rig::put(const std::string& pool, health_state state, pool_phase phase, bool answers,
                       std::chrono::milliseconds ago) const {
  using namespace std::chrono;
  auto made = std::make_shared<pool_snapshot>();
  made->pool = pool;
  made->health.state = state;
  if (state != health_state::healthy)
    made->health.causes = {"planted cause"};
  made->view.stats.phase = phase;
  made->pool_answers = answers;
  made->at_unix_ms
    = duration_cast<milliseconds>(system_clock::now().time_since_epoch() - ago).count();
  made->interval = seconds{1};
  shown->put(std::move(made));
}

} // namespace moor::test
