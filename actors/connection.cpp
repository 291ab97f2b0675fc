#include "moor/actors/connection.hpp"

#include <exception>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/on_lane.hpp"
#include "moor/actors/part.hpp"
#include "moor/mongo/fiber_lane.hpp"
#include "moor/mongo/port.hpp"
#include "moor/mongo/server_view.hpp"
#include "moor/mongo/use.hpp"

namespace moor::actors {

namespace {

struct connection_actor_state {
  static constexpr const char* name = "moor.connection";
  connection_id id = 0;
  std::shared_ptr<mongo::connection> handle;
  std::shared_ptr<mongo::fiber_lane> lane; // null on a thread of its own

  /// Does work that may block in any way. False if there is no thread for it: nothing was done.
  bool block(const std::function<void()>& work) const {
    if (lane)
      return lane->off_loop(work);
    work();
    return true;
  }

  /// Does work with the connection as the library itself does it: on the loop what fits there, and
  /// all else too if there is no thread for it.
  void use(const std::function<void()>& work) const {
    if (!lane || handle->fits_fiber() || !lane->off_loop(work))
      work();
  }
};

using outcome = std::variant<run_result, document, failure>;

/// A function may throw an error that it made itself, with the code that means "no error".
failure thrown(failure why) {
  if (why.code == errc{})
    why.code = errc::function_failed;
  return why;
}

failure thrown(const char* text) {
  return failure_of(errc::function_failed, text != nullptr ? text : "an exception without a text");
}

outcome execute(mongo::connection& handle, const run& what) {
  try {
    return what.function(*handle.client());
  } catch (const mongo::error& e) {
    return thrown(handle.weighed(e.why()));
  } catch (const std::exception& e) {
    return thrown(e.what());
  } catch (...) {
    return thrown("an exception of unknown type");
  }
}

outcome execute(mongo::connection& handle, const command& what) {
  auto reply = handle.command(what.database, what.body);
  if (auto* why = std::get_if<failure>(&reply))
    return std::move(*why);
  return std::get<document>(std::move(reply));
}

/// What a piece of work is for: as its own request says, else as that of its lease did.
mongo::purpose purpose_of(const request_options& own, const std::optional<mongo::purpose>& lease) {
  static const auto unnamed = request_options{}.operation;
  mongo::purpose result{own.operation, own.slow_after};
  if (lease && (own.operation.empty() || own.operation == unnamed))
    result.operation = lease->operation;
  if (lease && own.slow_after == duration::zero())
    result.slow_after = lease->slow_after;
  return result;
}

/// In its scope the connection is used for that work.
class work_scope {
public:
  work_scope(mongo::connection& handle, const request_options& of_work)
    : handle_(handle), before_(handle.use_for(std::nullopt)) {
    handle_.use_for(purpose_of(of_work, before_));
  }
  ~work_scope() { handle_.use_for(std::move(before_)); }
  work_scope(const work_scope&) = delete;
  work_scope& operator=(const work_scope&) = delete;

private:
  mongo::connection& handle_;
  std::optional<mongo::purpose> before_;
};

/// What the function captured is gone when this returns: before its borrower is answered.
outcome carry_out(mongo::connection& handle, job& what) {
  auto result = std::visit(
    [&](const auto& w) {
      const work_scope used{handle, w.options};
      return execute(handle, w);
    },
    what.what);
  what.what = command{};
  return result;
}

outcome carry_out(const connection_actor_state& state, job& what) {
  std::optional<outcome> result;
  const auto work = [&] { result = carry_out(*state.handle, what); };
  if (!std::holds_alternative<run>(what.what)) {
    state.use(work);
  } else if (!state.block(work)) {
    what.what = command{};
    return failure_of(errc::function_failed,
                      "there is no thread for the function, which was not called");
  }
  return *std::move(result);
}

/// The worst of what the work said and what the driver saw behind its back.
std::optional<failure> worst(const outcome& result, mongo::connection& handle) {
  auto seen = handle.take_failure();
  const auto* said = std::get_if<failure>(&result);
  if (said != nullptr && said->reach != spoils::nothing && (!seen || said->reach > seen->reach))
    return *said;
  return seen;
}

template <class Self, class Message>
void reply(Self* self, Message&& what) {
  if (const auto& sender = self->current_sender())
    caf::anon_send(caf::actor_cast<caf::actor>(sender), std::forward<Message>(what));
}

connection_actor::behavior_type
connection_behavior(connection_actor::stateful_pointer<connection_actor_state> self,
                    connection_id id, std::shared_ptr<mongo::connection> handle,
                    std::shared_ptr<mongo::fiber_lane> lane) {
  self->state.id = id;
  self->state.handle = std::move(handle);
  self->state.lane = std::move(lane);
  // By default CAF writes it to standard output; who monitors the connection says what is lost.
  self->set_exception_handler([](std::exception_ptr& what) { return error_of(what); });
  return {
    // CAF tries one after the other: first what is sent most often.
    [self](job& j) {
      auto& s = self->state;
      auto result = carry_out(s, j);
      auto spoilt_by = worst(result, *s.handle);
      reply(self, job_done{s.id, j.lease, j.number, std::move(result), std::move(spoilt_by)});
    },
    [self](dial) {
      auto& s = self->state;
      std::optional<failure> why;
      if (!s.block([&] { why = s.handle->establish(); }))
        why = failure{errc::connect_failed, spoils::connection, 0,
                      "No thread to establish a connection"};
      reply(self, dialled{s.id, std::move(why), s.handle->read_only()});
    },
    [self](const check_connection& c) {
      auto& s = self->state;
      std::optional<failure> why;
      s.use([&] { why = s.handle->ping(c.timeout); });
      reply(self, check_done{s.id, std::move(why)});
    },
    [self](const examine& e) {
      auto& s = self->state;
      examined seen{s.id, {}};
      const auto look = [&] {
        seen.what
          = mongo::look_at_server(*s.handle, e.timeout, [self] { return self->clock().now(); });
      };
      // Off the loop even if it fits: what waits on the loop says nothing of the server.
      if (!s.block(look))
        look();
      reply(self, std::move(seen));
    },
    [self](hang_up& h) {
      // Who monitors this actor counts on the connection being gone when it is.
      const auto end = [&h, self] {
        h.handle.reset();
        self->state.handle.reset();
      };
      if (self->state.handle->ends_at_once())
        end();
      else
        self->state.use(end);
      self->quit();
    },
  };
}

turn_at place_of(const caf::mailbox_element& message) {
  const auto& what = message.content();
  const bool blocks = what.match_elements<job>()
                        ? std::holds_alternative<run>(what.get_as<job>(0).what)
                        : what.match_elements<dial>() || what.match_elements<examine>();
  return blocks ? turn_at::worker : turn_at::loop;
}

using connection_base = connection_actor::stateful_base<connection_actor_state>;

class connection_on_lane final : public on_lane<connection_base, place_of> {
public:
  connection_on_lane(caf::actor_config& config, std::shared_ptr<mongo::fiber_lane> lane,
                     connection_id id, std::shared_ptr<mongo::connection> handle)
    : on_lane{config, std::move(lane)}, id_{id}, handle_{std::move(handle)} {}

  behavior_type make_behavior() override {
    return connection_behavior(this, id_, std::move(handle_), lane());
  }

private:
  connection_id id_;
  std::shared_ptr<mongo::connection> handle_;
};

} // namespace

connection_actor spawn_connection(caf::actor_system& system, connection_threads threads,
                                  connection_id id, std::shared_ptr<mongo::connection> handle) {
  if (threads == connection_threads::scheduled)
    return system.spawn(connection_behavior, id, std::move(handle), nullptr);
  if (auto lane = handle->lane())
    return system.spawn<connection_on_lane, caf::lazy_init>(std::move(lane), id, std::move(handle));
  // An actor system in which CAF failed to start a thread waits for it at its end, for ever: so
  // another one is started first, to see whether there are any left.
  std::thread{[] {}}.join();
  return system.spawn<caf::detached>(connection_behavior, id, std::move(handle), nullptr);
}

} // namespace moor::actors
