#include "support/fault_proxy.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <future>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "moor/mongo/poll_timeout.hpp"
#include "support/patience.hpp"
#include "support/proxy_link.hpp"

namespace moor::test {

namespace {

/// So many connections at once; more wait to be accepted.
constexpr std::size_t most_links = 400;

sockaddr_in loopback(std::uint16_t port) noexcept {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  result.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return result;
}

descriptor make_socket() {
  return descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
}

/// Shared, so that the port may be bound while it is held, and again after connections on it.
descriptor bound_socket(std::uint16_t port) {
  auto result = make_socket();
  const auto address = loopback(port);
  const int yes = 1;
  if (::setsockopt(result.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0
      || ::bind(result.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::system_error(errno, std::generic_category(), "the proxy cannot bind its port");
  return result;
}

std::uint16_t port_of(const descriptor& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::system_error(errno, std::generic_category(), "the proxy does not know its port");
  return ntohs(address.sin_port);
}

descriptor listening_socket(std::uint16_t port) {
  auto result = bound_socket(port);
  if (::listen(result.get(), SOMAXCONN) != 0)
    throw std::system_error(errno, std::generic_category(), "the proxy cannot listen");
  return result;
}

/// Small messages both ways: none may wait for the acknowledgement of the one before.
void send_at_once(const descriptor& socket) noexcept {
  const int yes = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

} // namespace

class fault_proxy::worker {
public:
  worker(std::uint16_t target, fault_proxy_options options)
    : target_{target},
      rules_{.slow_delay = options.delay, .random = std::mt19937_64{options.seed}},
      thread_{[this] { run(); }} {}

  ~worker() {
    stopping_ = true;
    wake();
    thread_.join();
  }

  std::uint16_t port() const noexcept { return port_; }

  std::size_t open() const noexcept { return open_; }

  void set(fault next, std::optional<std::chrono::milliseconds> delay) {
    std::packaged_task<void()> task{[=, this] { obey(next, delay); }};
    auto done = task.get_future();
    {
      const std::lock_guard guard{mutex_};
      tasks_.push_back(std::move(task));
    }
    wake();
    if (done.wait_for(forever) != std::future_status::ready)
      throw std::runtime_error("the proxy did not take the fault in time");
    done.get();
  }

private:
  void wake() const noexcept { ::eventfd_write(wake_.get(), 1); }

  // What follows happens on the proxy's thread.

  void run() {
    while (!stopping_) {
      const auto seen = wait();
      eventfd_t ignored = 0;
      ::eventfd_read(wake_.get(), &ignored);
      advance(std::span{seen}.subspan(2));
      if (seen[1].revents != 0)
        accept();
      for (auto& task : take_tasks())
        task();
    }
    for (auto& link : links_)
      link.reset();
  }

  /// What poll saw: the wake-up, the listener, and two for each link.
  std::vector<pollfd> wait() const {
    const auto now = proxy_clock::now();
    const bool full = links_.size() >= most_links;
    std::vector<pollfd> result{{wake_.get(), POLLIN, 0}, {full ? -1 : listener_.get(), POLLIN, 0}};
    auto next_due = proxy_clock::time_point::max();
    for (const auto& link : links_) {
      const auto [client, server] = link.interests(rules_, now);
      result.insert(result.end(), {client, server});
      // What is due already waits for room at its reader, not for the clock.
      if (const auto due = link.due(rules_); due > now)
        next_due = std::min(next_due, due);
    }
    if (::poll(result.data(), result.size(), mongo::poll_timeout(next_due)) < 0)
      for (auto& entry : result) // interrupted by a signal
        entry.revents = 0;
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
      client
        = descriptor{::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
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

  std::vector<std::packaged_task<void()>> take_tasks() {
    const std::lock_guard guard{mutex_};
    return std::exchange(tasks_, {});
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
  const descriptor wake_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  /// Never listens, but keeps the port while the listener is closed.
  const descriptor reserved_ = bound_socket(0);
  const std::uint16_t port_ = port_of(reserved_);
  descriptor listener_ = listening_socket(port_);
  proxy_rules rules_;
  std::vector<proxy_link> links_;
  std::atomic<std::size_t> open_ = 0;
  std::mutex mutex_;
  std::vector<std::packaged_task<void()>> tasks_; // guarded by mutex_
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
