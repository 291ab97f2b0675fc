// What `moorctl top` shows, as lines of text. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "moor/config/duration.hpp"
#include "moor/ctl/paint.hpp"
#include "moor/ctl/rates.hpp"

namespace moor::ctl {

struct screen_size {
  std::size_t columns = 80;
  std::size_t rows = 24;

  friend bool operator==(const screen_size&, const screen_size&) = default;
};

struct top_scene {
  std::string url;
  /// Empty: a single snapshot, which is refreshed no more.
  std::string interval;
  /// Why there is no contact; empty if there is. The latest figures are shown all the same.
  std::string lost;
  duration lost_for{0};
};

/// The figures in at most so many lines, none of which is wider than the screen: the state of every
/// pool first, then as many of its operations and leases as there is room for. Without a
/// history, what there is to say of the contact.
std::vector<std::string> draw(const top_scene& scene, const stats_history& history,
                              screen_size size, const paint& colour);

} // namespace moor::ctl
