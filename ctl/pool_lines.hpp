// One pool as lines of text, for `draw`. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "moor/ctl/paint.hpp"
#include "moor/ctl/stats.hpp"

namespace moor::ctl {

/// A line that is `harmless`, and what it means.
struct line {
  std::string text;
  tone how = tone::plain;
};

/// The state of a pool: what one must see first. `before` may be null.
std::vector<line> state_lines(const pool_figures_row& now, const pool_figures_row* before,
                              std::int64_t now_unix_ms);

/// A table of the operations that took the most time; empty if there is none. `before` may be null.
std::vector<line> operation_lines(const pool_figures_row& now, const pool_figures_row* before,
                                  std::size_t width);

/// A table of the leases that are out, the oldest first; empty if there is none.
std::vector<line> lease_lines(const pool_figures_row& now, std::size_t width);

} // namespace moor::ctl
