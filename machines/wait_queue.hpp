// Requests that wait for a connection: first come, first served within a priority, each with a
// deadline. (CMAP, "WaitQueue"; priorities are moor's own.)
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "moor/config/duration.hpp"
#include "moor/messages/ids.hpp"
#include "moor/messages/requests.hpp"

namespace moor::machines {

struct waiter {
  request_id request = 0;
  priority level = priority::normal;
  instant since{};
  instant deadline = no_deadline;
  /// The connection being established on its behalf: its failure is this request's failure.
  connection_id attempt = 0;
  /// It needs no primary.
  bool read_only = false;
};

/// Ordered by (priority, arrival). Arrival is the request number, which only grows.
class wait_queue {
public:
  void push(const waiter& w);

  /// The next to be served. Not to be called on an empty queue.
  const waiter& front() const { return entries_.begin()->second; }

  /// Takes the next to be served.
  waiter pop();

  /// Takes this one out of its turn, if it waits.
  std::optional<waiter> take(request_id request);

  /// Takes one whose deadline is at or before `now`, earliest first.
  std::optional<waiter> take_over(instant now);

  /// Takes the one on whose behalf `connection` was being established, if it still waits.
  std::optional<waiter> take_attempt(connection_id connection);

  /// Notes that `connection` is established for the first waiter that has no attempt of its own.
  void assign_attempt(connection_id connection);

  /// Forgets an attempt that came to nothing: its waiter may be assigned another.
  void drop_attempt(connection_id connection);

  /// The one of this priority that has waited longest; null if none waits.
  const waiter* oldest(priority level) const;

  /// The earliest deadline, `no_deadline` if none.
  instant next_deadline() const;

  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }

private:
  using key = std::pair<priority, request_id>;

  waiter take(std::map<key, waiter>::iterator at);

  std::map<key, waiter> entries_;
  std::set<std::pair<instant, key>> deadlines_;
  std::map<connection_id, key> attempts_; // at most maxConnecting
};

} // namespace moor::machines
