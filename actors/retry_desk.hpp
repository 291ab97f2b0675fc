// Requests between two attempts.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

#include "moor/actors/task.hpp"
#include "moor/machines/deadlines.hpp"
#include "moor/machines/request_retry.hpp"
#include "moor/messages/ids.hpp"

namespace moor::actors {

/// Keeps those whose next attempt is not due. Used on its actor's thread only.
class retry_desk {
public:
  /// Keeps `most` requests at most.
  retry_desk(const request_retry_settings& rules, std::size_t most) : policy_(rules), most_(most) {}

  /// Other rules are in force; who is kept stays.
  void reconfigure(const request_retry_settings& rules, std::size_t most) noexcept {
    policy_.reconfigure(rules);
    most_ = most;
  }

  /// A request that might be retried, or not, came.
  void request() noexcept { policy_.request(); }

  /// An attempt failed. Keeps the request for another one and returns true; if there is to be none,
  /// leaves it alone and adds to the words of `why` what was tried and why no more is.
  bool keep(request_id number, task& t, failure& why, instant now, double draw);

  /// One whose next attempt is due.
  std::optional<std::pair<request_id, task>> take_due(instant now);

  /// Whoever asked is gone.
  std::optional<task> take(request_id number);

  /// Nothing is served any more.
  std::unordered_map<request_id, task> take_all();

  instant next_deadline() const { return due_.next(); }
  const std::unordered_map<request_id, task>& all() const noexcept { return kept_; }
  const machines::request_retry& policy() const noexcept { return policy_; }

private:
  machines::request_retry policy_;
  std::size_t most_;
  std::unordered_map<request_id, task> kept_;
  machines::deadlines due_;
};

} // namespace moor::actors
