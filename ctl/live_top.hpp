// The live view of `moorctl top`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "moor/ctl/stats_client.hpp"
#include "moor/ctl/terminal.hpp"
#include "moor/ctl/top_view.hpp"

namespace moor::ctl {

/// Asks at every interval, and shows what it learns until it is told to end. One thread.
class live_top {
public:
  live_top(const stats_source& from, duration interval);

  /// Returns when the user ends it: nothing, or why it cannot go on.
  std::optional<std::string> run();

private:
  using clock = std::chrono::steady_clock;

  /// The first reason to end: the empty text if the user wants to.
  std::optional<std::string> step();
  std::optional<std::string> take(std::variant<std::string, no_contact> answer);
  bool obey_signals();
  bool wants_to_end();
  void note_loss(std::string why);
  duration time_to_wait() const;

  stats_client client_;
  duration interval_;
  top_scene scene_;
  stats_history history_;
  paint colour_;
  signal_inbox signals_; // before the screen, which a signal must not leave taken
  full_screen screen_;
  bool has_keys_;
  bool stale_ = true; ///< what is shown is not what is known
  clock::time_point next_question_ = clock::now();
  std::optional<clock::time_point> lost_at_;
};

/// Why an answer with status 200 cannot be used.
inline constexpr const char* not_a_component
  = "what answers there is no component of moor: /stats is not in its form";

} // namespace moor::ctl
