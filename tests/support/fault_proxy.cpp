#include "support/fault_proxy.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include "support/errands.hpp"
#include "support/loopback.hpp"
#include "support/proxy_link.hpp"

namespace moor::test {

namespace {

/// So many connections at once; more wait to be accepted.
constexpr std::size_t most_links = 400;

} // namespace

class fault_proxy::worker {
public:
  worker(std::uint16_t target, fault_proxy_options options)
    : target_{target},
      rules_{.slow_delay = options.delay, .random = std::mt19937_64{options.seed}},
      thread_{[this] { run(); }} {}

  ~worker() {
    stopping_ = true;
    errands_.wake();
    thread_.join();
  }

  std::uint16_t port() const noexcept { return port_; }

  std::size_t open() const noexcept { return open_; }

  void set(fault next, std::optional<std::chrono::milliseconds> delay) {
    errands_.run([=, this] { obey(next, delay); });
  }

private:
  // What follows happens on the proxy's thread.

  void run() {
    while (!stopping_) {
      const auto seen = wait();
      advance(std::span{seen}.subspan(2));
      if (seen[1].revents != 0)
        accept();
      errands_.perform();
    }
    for (auto& link : links_)
      link.reset();
  }

  /// What poll saw: the wake-up, the listener, and two for each link.
  std::vector<pollfd> wait() const {
    const auto now = proxy_clock::now();
    const bool full = links_.size() >= most_links;
    std::vector<pollfd> result{errands_.interest(), {full ? -1 : listener_.get(), POLLIN, 0}};
    auto next_due = proxy_clock::time_point::max();
    for (const auto& link : links_) {
      const auto [client, server] = link.interests(rules_, now);
      result.insert(result.end(), {client, server});
      // What is due already waits for room at its reader, not for the clock.
      if (const auto due = link.due(rules_); due > now)
        next_due = std::min(next_due, due);
    }
    poll_until(next_due, result);
    return result;
  }

  void advance(std::span<const pollfd> seen) {
    std::size_t at = 0;
    std::erase_if(links_, [&](proxy_link& link) {
      const auto of_link = seen.subspan(2 * at++, 2);
      return !link.advance({of_link[0], of_link[1]}, rules_);
    });
    open_ = links_.size();
  }

  void accept() {
    descriptor client;
    descriptor server;
    try {
      client = accept_from(listener_);
      server = make_socket();
    } catch (const std::system_error&) { // it left again, or no descriptor is free
      return;
    }
    if (rules_.what == fault::reset)
      return close_by_reset(client);
    const auto address = loopback(target_);
    if (::connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0
        && errno != EINPROGRESS)
      return close_by_reset(client);
    send_at_once(client);
    send_at_once(server);
    links_.emplace_back(std::move(client), std::move(server));
    open_ = links_.size();
  }

  void obey(fault next, std::optional<std::chrono::milliseconds> delay) {
    rules_.what = next;
    rules_.slow_delay = delay.value_or(rules_.slow_delay);
    if (next == fault::refuse || next == fault::reset) {
      for (auto& link : links_)
        link.reset();
      links_.clear();
      open_ = 0;
    }
    for (auto& link : links_)
      link.obey(rules_);
    if (next == fault::refuse)
      listener_ = {};
    else if (listener_.get() < 0)
      listener_ = listening_socket(port_);
  }

  const std::uint16_t target_;
  errands errands_;
  /// Never listens, but keeps the port while the listener is closed.
  const descriptor reserved_ = bound_socket(0);
  const std::uint16_t port_ = port_of(reserved_);
  descriptor listener_ = listening_socket(port_);
  proxy_rules rules_;
  std::vector<proxy_link> links_;
  std::atomic<std::size_t> open_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_; // the last, since it uses the others
};

fault_proxy::fault_proxy(std::uint16_t target, fault_proxy_options options)
  : worker_{std::make_unique<worker>(target, options)} {}

fault_proxy::~fault_proxy() = default;

std::uint16_t fault_proxy::port() const noexcept {
  return worker_->port();
}

std::string fault_proxy::uri() const {
  return "mongodb://127.0.0.1:" + std::to_string(port()) + "/?directConnection=true";
}

void fault_proxy::set(fault next) {
  worker_->set(next, std::nullopt);
}

void fault_proxy::set(fault next, std::chrono::milliseconds delay) {
  worker_->set(next, delay);
}

std::size_t fault_proxy::open() const noexcept {
  return worker_->open();
}

} // namespace moor::test
