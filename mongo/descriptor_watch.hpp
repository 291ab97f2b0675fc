// What a loop waits for with epoll.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <sys/epoll.h>

namespace moor::mongo {

/// Descriptors, each with who waits for it, and a bell for other threads. All but the bell is used
/// by one thread.
class descriptor_watch {
public:
  /// A descriptor that is waited for, and the caller's note of it, which is 0 before its first wait
  /// and again when the descriptor is closed.
  struct interest {
    int descriptor;
    short events; ///< POLLIN, POLLOUT
    std::uint32_t* note;
  };
  /// Whoever waits.
  using waiter = void*;

  /// Throws std::system_error if there are no descriptors.
  descriptor_watch();

  /// Has `look` return, now or at its next call. Any thread.
  void ring() const noexcept;

  /// From now on `who` is told of what happens to it. False if epoll does not take it.
  bool begin(const interest& what, waiter who);

  /// Whether the other side ended while nobody waited, which is told once.
  bool take_end(const interest& what);

  /// Nobody waits for it any more.
  void end(const interest& what);

  /// Calls `ready` for each who waits for something that happened; waits for that and for the bell
  /// for `timeout` ms (-1: without limit). Whether anything happened.
  bool look(int timeout, const std::function<void(waiter)>& ready);

private:
  /// An `eventfd` or the like.
  class owned {
  public:
    explicit owned(int number);
    ~owned();
    owned(const owned&) = delete;
    owned& operator=(const owned&) = delete;
    int get() const noexcept { return number_; }

  private:
    int number_;
  };

  struct registration {
    std::uint32_t note = 0;
    short events = 0;
    waiter who = nullptr;
    bool ended = false; // the other side, while nobody waited
  };

  waiter on_event(const epoll_event& event);

  owned epoll_;
  owned bell_;
  std::vector<registration> registrations_; // by descriptor
};

} // namespace moor::mongo
