// Requests that wait for a connection: first come, first served within a priority, each with a
// deadline. (CMAP, "WaitQueue"; priorities are moor's own.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "moor/config/duration.hpp"
#include "moor/machines/arrivals.hpp"
#include "moor/messages/ids.hpp"
#include "moor/messages/requests.hpp"

namespace moor::machines {

/// Ordered by (priority, arrival). Arrival is the request number, which only grows.
class wait_queue {
public:
  /// Its number is above those of all of its priority that were pushed before. It has no attempt.
  void push(const waiter& w);

  /// The next to be served. Not to be called on an empty queue.
  const waiter& front() const { return lanes_[most_urgent()].front(); }

  /// Takes the next to be served. Not to be called on an empty queue.
  waiter pop();

  /// Takes this one out of its turn, if it waits.
  std::optional<waiter> take(request_id request);

  /// Takes one whose deadline is at or before `now`, earliest first.
  std::optional<waiter> take_over(instant now);

  /// Takes the one on whose behalf `connection` was being established, if it still waits.
  std::optional<waiter> take_attempt(connection_id connection);

  /// Notes that `connection` is established for the first waiter that has no attempt of its own.
  void assign_attempt(connection_id connection);

  /// Notes that `connection` is established for this request, if it waits and has no attempt.
  void assign_attempt(connection_id connection, request_id request);

  /// Those under way, with the requests that they are made for.
  std::vector<std::pair<connection_id, request_id>> attempts() const;

  /// Forgets an attempt that came to nothing: its waiter may be assigned another.
  void drop_attempt(connection_id connection);

  /// The one of this priority that has waited longest; null if none waits.
  const waiter* oldest(priority level) const;

  /// The earliest deadline, `no_deadline` if none.
  instant next_deadline() const;

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

private:
  /// The deadline of one who was, and perhaps is, at this position. Small, for there are as many as
  /// wait, and caches are.
  class due {
  public:
    due(instant when, std::size_t lane, std::uint64_t position)
      : when_(when), where_(std::uint64_t{lane} << position_bits | position) {}
    instant when() const noexcept { return when_; }
    std::size_t lane() const noexcept { return where_ >> position_bits; }
    std::uint64_t position() const noexcept {
      return where_ & ((std::uint64_t{1} << position_bits) - 1);
    }
    friend bool operator>(const due& a, const due& b) {
      return std::tie(a.when_, a.where_) > std::tie(b.when_, b.where_);
    }

  private:
    static constexpr int position_bits = 62;
    instant when_;
    std::uint64_t where_;
  };

  std::size_t most_urgent() const;
  bool try_assign(connection_id connection, std::size_t lane, waiter& to);
  waiter take(std::size_t lane, std::uint64_t position);
  void add_due(const due& d);
  bool is_next_in_order() const;
  const due* next_due() const;
  void pop_due();
  void forget_who_is_gone();
  void close_gaps();

  std::array<arrivals, 3> lanes_; // by priority
  /// Most requests have the same timeout, so that their deadlines come in order; the others are in
  /// a heap, the earliest first. The next of both is of one who waits; those of who is gone are
  /// left there until they are next or too many.
  std::deque<due> in_order_;
  std::vector<due> others_;
  std::map<connection_id, std::pair<std::size_t, request_id>> attempts_; // at most maxConnecting
  std::size_t size_ = 0;
};

} // namespace moor::machines
