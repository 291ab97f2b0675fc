#include "moor/actors/connection.hpp"

#include <exception>
#include <thread>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/part.hpp"
#include "moor/mongo/port.hpp"
#include "moor/mongo/server_view.hpp"
#include "moor/mongo/use.hpp"

namespace moor::actors {

namespace {

struct connection_actor_state {
  static constexpr const char* name = "moor.connection";
  connection_id id = 0;
  std::shared_ptr<mongo::connection> handle;
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

outcome carry_out(mongo::connection& handle, const job& what) {
  return std::visit(
    [&](const auto& w) {
      const work_scope used{handle, w.options};
      return execute(handle, w);
    },
    what.what);
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
                    connection_id id, std::shared_ptr<mongo::connection> handle) {
  self->state.id = id;
  self->state.handle = std::move(handle);
  // By default CAF writes it to standard output; who monitors the connection says what is lost.
  self->set_exception_handler([](std::exception_ptr& what) { return error_of(what); });
  return {
    [self](dial) {
      auto& s = self->state;
      auto why = s.handle->establish();
      reply(self, dialled{s.id, std::move(why), s.handle->read_only()});
    },
    [self](job& j) {
      auto& s = self->state;
      auto result = carry_out(*s.handle, j);
      auto spoilt_by = worst(result, *s.handle);
      // What the function captured must be gone before its borrower is answered.
      j.what = command{};
      reply(self, job_done{s.id, j.lease, j.number, std::move(result), std::move(spoilt_by)});
    },
    [self](const check_connection& c) {
      auto& s = self->state;
      reply(self, check_done{s.id, s.handle->ping(c.timeout)});
    },
    [self](const examine& e) {
      auto& s = self->state;
      reply(self, examined{s.id, mongo::look_at_server(*s.handle, e.timeout,
                                                       [self] { return self->clock().now(); })});
    },
    [self](hang_up& h) {
      // Who monitors this actor counts on the connection being gone when it is.
      h.handle.reset();
      self->state.handle.reset();
      self->quit();
    },
  };
}

} // namespace

connection_actor spawn_connection(caf::actor_system& system, connection_threads threads,
                                  connection_id id, std::shared_ptr<mongo::connection> handle) {
  if (threads == connection_threads::own_thread) {
    // An actor system in which CAF failed to start a thread waits for it at its end, for ever: so
    // another one is started first, to see whether there are any left.
    std::thread{[] {}}.join();
    return system.spawn<caf::detached>(connection_behavior, id, std::move(handle));
  }
  return system.spawn(connection_behavior, id, std::move(handle));
}

} // namespace moor::actors
