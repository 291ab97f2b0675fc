// Requests in the order of their arrival, from which any may leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "moor/config/duration.hpp"
#include "moor/messages/ids.hpp"
#include "moor/messages/requests.hpp"

namespace moor::machines {

struct waiter {
  request_id request = 0;
  priority level = priority::normal;
  /// It needs no primary.
  bool read_only = false;
  /// A connection is being established on its behalf, whose failure is this request's failure. The
  /// queue's to say.
  bool has_attempt = false;
  instant since{};
  instant deadline = no_deadline;
};

/// A row that lies in memory in order: who leaves out of turn leaves a gap behind, so that nobody
/// moves and a look at one of many costs a cache miss or two. A waiter's position stays what it is
/// until `close_gaps`.
class arrivals {
public:
  /// Adds one whose number is above those of all before it. Its position.
  std::uint64_t push(const waiter& w);

  bool empty() const noexcept { return first_ == row_.size(); }

  /// Who came first of those who are there. Not to be called when empty.
  const waiter& front() const { return row_[first_].who; }
  std::uint64_t first() const noexcept { return passed_ + first_; }

  /// Where this request is, if it is there.
  std::optional<std::uint64_t> find(request_id request) const;

  /// Whether the one that was given this position is still there.
  bool holds(std::uint64_t position) const {
    return position >= first() && !gone_[position - passed_];
  }

  /// The one at a position that holds one.
  waiter& at(std::uint64_t position) { return row_[position - passed_].who; }

  /// Takes out the one at a position that holds one.
  waiter take(std::uint64_t position);

  /// Those who are there and the gaps between them.
  std::size_t length() const noexcept { return row_.size() - first_; }

  /// All who are there get other positions, without gaps.
  void close_gaps();

  /// Calls `f` with the position and the waiter of each, in order, until one returns true.
  template <class F>
  void until(F f) {
    for (auto i = first_; i < row_.size(); ++i)
      if (!gone_[i] && f(passed_ + i, row_[i].who))
        return;
  }

private:
  struct alignas(32) place { // not across two lines of a cache
    waiter who;
  };
  static_assert(sizeof(place) == 32, "larger ones miss the caches when many wait");

  void close_front();

  std::vector<place> row_;
  std::vector<bool> gone_;   // of each in the row; bits, which are in a cache when the row is not
  std::size_t first_ = 0;    // in the row, who is there; all before are gone
  std::uint64_t passed_ = 0; // the position at which the row begins
};

} // namespace moor::machines
