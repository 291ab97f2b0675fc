// The connections of one pool: their states, ages and counts, and which perished.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "moor/config/settings.hpp"
#include "moor/messages/events.hpp"
#include "moor/messages/figures.hpp"
#include "moor/messages/ids.hpp"

namespace moor::machines {

/// Closed connections leave the book.
using moor::connection_state;

struct connection_entry {
  connection_id id = 0;
  std::uint64_t generation = 0;
  connection_state state = connection_state::pending;
  instant created{};
  instant idle_since{}; ///< when it was established or last given back
  instant proven_at{};  ///< when it was last seen working
  instant lent_at{};    ///< when `lease` began
  instant life_began{}; ///< when it was established
  double draw = 0;      ///< share of the jitter by which its lifetime is shortened
  instant expires = no_deadline;
  lease_id lease = 0;    ///< who holds it while in use
  bool outdated = false; ///< made by what was in force before the last rotation
};

class connection_book {
public:
  explicit connection_book(settings config) : config_(std::move(config)) {}

  /// Other settings are in force; lifetimes are reckoned anew from their beginnings.
  void reconfigure(const settings& config);

  /// All that are there are of before a change, and to be replaced; at `end` they perish.
  void outdate_all(instant end);
  bool has_outdated() const;

  /// A new connection, pending, with the next number.
  connection_entry& add(std::uint64_t generation, instant now);

  /// The connection, or null if it was closed or never was.
  connection_entry* find(connection_id id);

  /// It is established: from now on it ages. `draw` in [0, 1) shortens its lifetime.
  void begin_life(connection_entry& e, double draw, instant now) const;

  /// Puts it where `newest_available` finds it first.
  void make_available(connection_entry& e);

  /// The available connection that was used last, or null.
  connection_entry* newest_available();

  /// Moves it to another state (not available: see above).
  void move_to(connection_entry& e, connection_state to);

  void remove(connection_id id);

  /// Makes its indices anew from its entries, after something died in the middle of a change.
  void mend();

  /// Why it must not be used any more, if so. (CMAP, "Perishable"; lifetime is moor's own)
  std::optional<event_reason> perished(const connection_entry& e, std::uint64_t generation,
                                       instant now) const;

  const std::map<connection_id, connection_entry>& entries() const noexcept { return entries_; }

  /// The numbers of all connections in a state, in order of creation; of the available ones, the
  /// longest idle first.
  std::vector<connection_id> in_state(connection_state which) const;

  std::uint64_t count(connection_state which) const noexcept {
    return counts_[static_cast<std::size_t>(which)];
  }
  /// Those of one generation. Costs O(total), unless there are none in that state at all.
  std::uint64_t count(connection_state which, std::uint64_t generation) const;
  std::uint64_t total() const noexcept { return entries_.size(); }
  std::uint64_t established() const noexcept { return total() - count(connection_state::pending); }

private:
  instant end_of_life(const connection_entry& e) const;
  void leave_state(const connection_entry& e);
  std::uint64_t& counter(connection_state which) {
    return counts_[static_cast<std::size_t>(which)];
  }

  settings config_;
  std::map<connection_id, connection_entry> entries_;
  std::vector<connection_id> available_; // longest idle first
  std::array<std::uint64_t, 4> counts_{};
  connection_id last_ = 0;
  instant rotation_ends_ = no_deadline;
};

} // namespace moor::machines
