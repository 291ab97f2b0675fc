// The work that borrowers have done on the connections lent to them.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "moor/actors/borrowers.hpp"
#include "moor/actors/lease_control.hpp"
#include "moor/actors/load_lines.hpp"
#include "moor/actors/task.hpp"
#include "moor/machines/deadlines.hpp"
#include "moor/messages/actors.hpp"

namespace moor::actors {

/// Per lease: the task running on its connection, those queued behind it, and whether the borrower
/// still holds it. One task of a lease runs at a time. Used on its actor's thread only.
class job_desk {
public:
  /// Takes over a task that failed, to do it again elsewhere, and returns true; or lets it be, and
  /// may add to the failure's words.
  using second_chance = std::function<bool(request_id, task&, failure&)>;

  /// `context` gives what answers are sent in, null if no actor is at work.
  job_desk(borrowers& askers, std::function<caf::execution_unit*()> context, second_chance again)
    : askers_(askers), context_(std::move(context)), again_(std::move(again)) {}

  /// Tasks that one lease may have queued.
  static constexpr std::size_t queue_limit = 64;

  /// A lease began, for the operation of that name. `holder` is null if no borrower holds it: then
  /// it ends with its one task.
  void open(lease_id lease, connection_id connection, const std::shared_ptr<lease_control>& holder,
            std::string operation);

  bool knows(lease_id lease) const { return entries_.contains(lease); }

  /// Queues a task under its request's number; refuses it by itself if too many wait.
  void add(lease_id lease, request_id number, task t);

  /// The next job to send to the lease's connection, if it is free and there is one.
  std::optional<std::pair<connection_id, job>> next(lease_id lease, instant now);

  /// A connection is done: answers the borrower unless its deadline came first.
  void done(job_done result);

  /// The borrower let go of the lease.
  void let_go(lease_id lease, std::optional<failure> why);

  /// If nothing more is to be done for the lease: closes its entry and says how it ended.
  struct ending {
    std::optional<failure> why;     ///< what spoilt its connection
    std::optional<failure> outcome; ///< of its one task, if no borrower held it
  };
  std::optional<ending> end_if_idle(lease_id lease);

  /// The pool ended the lease: answers everything with `why`, tells the holder.
  void cut(lease_id lease, const failure& why);

  /// The same for all leases: there is no pool any more.
  void cut_all(const failure& why);

  /// A task that ended before its work did. The connection is to be interrupted if it ran.
  struct ended_early {
    std::optional<connection_id> interrupt;
  };

  /// Answers one task whose deadline is over.
  std::optional<ended_early> take_overdue(instant now);

  /// Whoever gave this task is gone.
  std::optional<ended_early> withdraw(request_id number);

  instant next_deadline() const { return overdue_.next(); }

  /// The leases that stand, with their connections.
  std::unordered_map<lease_id, connection_id> leases() const;

  /// What the connections are used for.
  holders operations() const;

  /// The leases that no borrower holds, which end with their one task.
  std::vector<lease_record> work(instant now) const;

  /// Notes anew who waits for what.
  void watch_askers();

  /// Whether a task is at work there.
  bool works_on(connection_id connection) const;

private:
  struct numbered {
    request_id number = 0;
    task work;
  };
  struct entry {
    connection_id connection = 0;
    std::string operation; // as its request names it, which bounds its length
    std::weak_ptr<lease_control> holder;
    bool held = false;
    std::optional<request_id> running; // the task at the connection
    std::string borrower;              // who asked for it, as he calls himself
    task at_work;                      // that task; what it does only if it may be done again
    instant began{};                   // the running task, as the next
    lease_use use = lease_use::held;
    std::list<numbered> queued;     // which costs nothing while it is empty
    std::optional<failure> why;     // the worst its connection met
    std::optional<failure> outcome; // of the latest task
  };

  static void note(entry& e, std::optional<failure> why);
  ended_early end_early(request_id number, errc with, errc cause);
  errc cause_of_lateness(request_id number, instant now) const;
  void answer(request_id number, ticket& to, caf::error why);
  void fail(request_id number, task& t, failure why);
  void forget(request_id number);

  borrowers& askers_;
  std::function<caf::execution_unit*()> context_;
  second_chance again_;
  std::unordered_map<lease_id, entry> entries_;
  std::unordered_map<request_id, lease_id> lease_of_;
  machines::deadlines overdue_; // by request
};

} // namespace moor::actors
