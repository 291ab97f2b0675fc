#include "moor/mongo/descriptor_watch.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace moor::mongo {

namespace {

/// Numbers of registrations: those of all loops differ, so that a note of one loop means nothing to
/// another.
std::uint32_t next_note() noexcept {
  // NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): atomic
  static std::atomic<std::uint32_t> last{0};
  // 0 is nobody's. Should they ever begin again, a descriptor's old number is long forgotten.
  const auto number = last.fetch_add(1, std::memory_order_relaxed) + 1;
  return number != 0 ? number : next_note();
}

} // namespace

descriptor_watch::owned::owned(int number) : number_{number} {
  if (number < 0)
    throw std::system_error(errno, std::generic_category(), "no descriptor for an event loop");
}

descriptor_watch::owned::~owned() {
  ::close(number_);
}

descriptor_watch::descriptor_watch()
  : epoll_{::epoll_create1(EPOLL_CLOEXEC)}, bell_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, bell_.get(), &event) != 0)
    throw std::system_error(errno, std::generic_category(), "no event loop");
}

void descriptor_watch::ring() const noexcept {
  ::eventfd_write(bell_.get(), 1); // can only fail by having been rung too often
}

// A descriptor is registered once and stays so until it is closed, for all that may happen to it.
// It is reported when something happens (EPOLLET), not while it lasts. All that comes is something:
// also what a worker or a borrower waits for, who uses the descriptor elsewhere, wakes the loop,
// once each time.
bool descriptor_watch::begin(const interest& what, waiter who) {
  const auto at = static_cast<std::size_t>(what.descriptor);
  if (at >= registrations_.size())
    registrations_.resize(at + 1);
  auto& of = registrations_[at];
  if (*what.note == 0 || of.note != *what.note) {
    of = {next_note()};
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.u64 = (std::uint64_t{at} << 32) | of.note;
    // It is known here already if it was waited for on another loop since.
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, what.descriptor, &event) != 0
        && (errno != EEXIST
            || ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, what.descriptor, &event) != 0))
      return false;
    *what.note = of.note;
  }
  of.events = what.events;
  of.who = who;
  return true;
}

bool descriptor_watch::take_end(const interest& what) {
  return std::exchange(registrations_[static_cast<std::size_t>(what.descriptor)].ended, false);
}

void descriptor_watch::end(const interest& what) {
  if (const auto at = static_cast<std::size_t>(what.descriptor); at < registrations_.size())
    registrations_[at].who = nullptr;
}

bool descriptor_watch::look(int timeout, const std::function<void(waiter)>& ready) {
  std::array<epoll_event, 64> events;
  const auto count
    = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
  for (int i = 0; i < count; ++i)
    if (auto* who = on_event(events[static_cast<std::size_t>(i)]))
      ready(who);
  return count > 0;
}

/// Who is to be told, if anybody. The upper half of an event's data is the descriptor, the lower
/// one the number of its registration; both are 0 for the bell.
descriptor_watch::waiter descriptor_watch::on_event(const epoll_event& event) {
  if (event.data.u64 == 0) {
    eventfd_t rings = 0;
    ::eventfd_read(bell_.get(), &rings);
    return nullptr;
  }
  auto& of = registrations_[event.data.u64 >> 32];
  if (of.note != static_cast<std::uint32_t>(event.data.u64))
    return nullptr; // of a descriptor that was closed
  if (of.who == nullptr) {
    constexpr auto ends = static_cast<std::uint32_t>(EPOLLERR | EPOLLHUP | EPOLLRDHUP);
    of.ended = of.ended || (event.events & ends) != 0;
    return nullptr;
  }
  const auto wanted = static_cast<std::uint32_t>(of.events | POLLERR | POLLHUP | POLLRDHUP);
  return (event.events & wanted) != 0 ? of.who : nullptr;
}

} // namespace moor::mongo
