// What a metrics exporter knows, whichever actor it is at the moment.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/alarm.hpp"
#include "moor/actors/exporter.hpp"
#include "moor/actors/metrics.hpp"

namespace moor::actors {

/// It outlives its actors, so that no counter goes back with one of them. Used on the thread of the
/// actor of the moment only.
class exporter_state {
public:
  static constexpr const char* name = "metrics exporter";
  static constexpr const char* actor_name = "moor.exporter";
  using self_ptr = exporter_actor::pointer;

  /// Whoever has not answered by then shows its figures of before.
  static constexpr std::chrono::seconds patience{2};

  /// The pool's address is held weakly: a handle to the pool would keep the pool alive. `rings` is
  /// what brings `look_soon`, for as long as this lives.
  exporter_state(exporter_options options, caf::weak_actor_ptr pool, std::shared_ptr<inbox> box,
                 std::shared_ptr<const board::bell> rings);
  ~exporter_state();

  /// Starts an actor that works with this memory.
  static exporter_actor spawn(caf::actor_system& system, std::shared_ptr<exporter_state> memory,
                              std::shared_ptr<inbox> box, bool in_the_middle);

  /// A new actor begins. A look that the last one had begun died with it, for its answers did.
  void take_over(self_ptr self, bool in_the_middle);

  /// No actor will come any more: the pool is shown no longer.
  void end(const caf::error& why);

  void on(const use_supervisor& message) { supervisor_ = message.supervisor; }
  void on(const look_soon&);
  void on(const reconfigure& message);
  void on(show_settings& message) { known_.settings = std::move(message.all); }
  void on(const tick& message);
  void on_down(const caf::actor_addr&) {}

  void before_message() const { pass(options_.may_fail, name); }

private:
  /// Who is asked in a look, and for what.
  enum question : std::size_t {
    of_pool,
    of_health,
    of_breaker,
    of_leaks,
    of_parts,
    question_count
  };

  /// CAF's own timeout for each of them would wake its clock's thread ten times in a look: one
  /// alarm ends them all, and CAF keeps what is not answered. So whoever does not answer is asked
  /// less and less often, in the end once in about a minute.
  struct asking {
    std::size_t unanswered = 0; // since the last answer
    instant last{};

    bool is_due(instant now) const {
      constexpr std::size_t most_doublings = 5;
      return unanswered == 0
             || now - last >= patience * (1 << std::min(unanswered - 1, most_doublings));
    }
  };

  instant now() const { return self_->clock().now(); }
  bool looks() const noexcept { return known_.interval > duration::zero(); }
  template <class F>
  void guarded(F&& use_registry);
  /// When the next look is due: the sooner, the more somebody watches.
  instant next_look() const;
  void hide();

  void look();
  /// What comes is kept.
  template <class Answer, class Handle, class Message>
  void ask(question what, const Handle& whom, Message message);
  void ask_pool(const pool_supervisor_actor& pool);
  void keep(pool_view& view);
  void keep(health_report& report);
  void keep(breaker_figures& figures);
  void keep(leaks_report& report);
  void keep(parts_view& view);
  void answered(question what);
  void end_look();
  void show();

  exporter_options options_;
  caf::weak_actor_ptr pool_;
  caf::weak_actor_ptr supervisor_;
  std::shared_ptr<inbox> box_;
  std::shared_ptr<const board::bell> rings_;
  self_ptr self_ = nullptr; // the actor of the moment

  pool_snapshot known_;
  board::snapshot_ptr shown_; // the last one on the board
  std::optional<metrics> metrics_;
  std::array<asking, question_count> asked_;
  std::optional<instant> look_until_; // when the one that is going on ends, whoever has answered
  bool pool_answered_ = false;        // in that look
  std::optional<instant> last_look_;  // when the last one began
  alarm alarm_;
};

} // namespace moor::actors
