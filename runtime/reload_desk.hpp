// Other settings for one pool, from the request to the parts that follow them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "moor/actors/ticket.hpp"
#include "moor/actors/trial.hpp"
#include "moor/messages/actors.hpp"
#include "moor/messages/log.hpp"
#include "moor/runtime/settings_change.hpp"

namespace moor {

/// Whom a supervisor tells of other settings.
struct pool_parts {
  caf::weak_actor_ptr pool;
  connector_actor connector;
  monitor_actor monitor;
  leak_detector_actor detector;
  exporter_actor exporter;
};

struct reload_desk_options {
  sourced_settings in_force;
  std::shared_ptr<mongo::driver> driver;
  actors::driver_factory make_driver; ///< null: the driver stays whatever the settings say
  actors::connection_threads threads = actors::connection_threads::own_thread;
  logger log;
  pool_parts parts;
};

/// Holds the settings in force. One change at a time: it is judged, tried on a connection of its
/// own, and told to all parts in one step, between which and the next no kill can come; what was
/// told waits in their inboxes, so that a part that dies comes up with it. A trial that does not
/// end even when it is cut (its files hang, say) keeps its thread: until it ends, others are
/// refused. Used on the supervisor's thread only.
class reload_desk {
public:
  /// Changes that wait for the one at work.
  static constexpr std::size_t most_waiting = 8;

  /// `on_change` is told of the settings in force whenever they changed.
  reload_desk(supervisor_actor::pointer self, reload_desk_options options,
              std::function<void(const settings&)> on_change);
  ~reload_desk();
  reload_desk(const reload_desk&) = delete;
  reload_desk& operator=(const reload_desk&) = delete;

  /// The request in hand of `self`.
  void on(const reload& order);
  void on(const settings_tried& result);
  void on(const trial_overdue& message);

  /// The pool ends: everybody is answered with `stopped`.
  void end();

  const reload_figures& figures() const noexcept { return figures_; }

private:
  struct request {
    actors::ticket answer;
    reload order;
  };

  bool is_at_work() const noexcept { return static_cast<bool>(current_); }
  bool is_awaited(std::uint64_t trial) const noexcept;
  void begin_next();
  void begin();
  void try_out(std::shared_ptr<const settings> wanted);
  void conclude(const settings_tried& result);
  void refuse_as_overdue();
  void put_into_force(const settings_change& change, const settings_tried& result);
  void tell_parts() const;
  void show() const;
  void answer_when_followed(reload_report report);
  void refuse(const failure& why, std::uint64_t& outcome);
  void refuse_for(const std::vector<finding>& findings);
  void end_current();
  void say(log_level level, const std::string& event) const;

  supervisor_actor::pointer self_;
  reload_desk_options options_;
  std::function<void(const settings&)> on_change_;
  std::shared_ptr<const settings> in_force_; // as `options_.in_force`
  std::uint64_t revision_ = 0;               // of the driver in force
  reload_figures figures_;

  std::deque<request> waiting_;
  std::optional<request> current_;
  std::uint64_t trial_ = 0;                  // the number of the last one
  std::shared_ptr<actors::trial_line> line_; // while one is under way
  bool is_cut_ = false;                      // that one
  std::uint64_t abandoned_ = 0;              // one that was given up and has not ended; 0: none
};

} // namespace moor
