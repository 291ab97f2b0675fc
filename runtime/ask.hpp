// How an actor asks a pool: the request is stamped with its deadline, and `run` gives back the type
// that the function returns. Works for event-based actors (`.then`) and scoped ones (`.receive`).
//
// An empty lease and a null pool handle are nobody to ask: CAF itself answers, with its own
// `invalid_argument`, for which `code_of` gives nothing.
#pragma once

#include <algorithm>
#include <any>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include <caf/duration.hpp>
#include <caf/fwd.hpp>

#include "moor/actors/stack_trace.hpp"
#include "moor/messages/actors.hpp"

struct _mongoc_client_t;

namespace moor {

namespace detail {

/// The pool answers every request by its deadline; this is for one on a node that was lost.
inline constexpr duration lost_node_grace = std::chrono::seconds{10};

/// Notes the deadline as a point in time, so that time spent in mailboxes counts.
template <class Self>
request_options stamped(Self& self, request_options options) {
  if (options.timeout > duration::zero() && options.timeout <= longest_timeout)
    options.not_after = self->clock().now().time_since_epoch() + options.timeout;
  return options;
}

/// How long CAF is to wait. One beyond what is allowed is for the pool to refuse; here it must not
/// overflow.
///
/// A pool in the same process answers by the deadline whatever becomes of it, so an event-based
/// actor asks nothing of CAF's clock: that would wake a thread for every timeout, and keep its
/// memory until it is over, whether the answer came or not. A blocking actor waits no longer than
/// it said even if all of CAF's workers are blocked.
template <class Self>
caf::duration longest_wait(Self& self, const pool_actor& pool, const request_options& options) {
  constexpr bool blocks = std::is_convertible_v<decltype(&*self), caf::blocking_actor*>;
  const auto is_here = !pool || pool.node() == self->node();
  if (options.timeout <= duration::zero() || (is_here && !blocks))
    return caf::infinite;
  return caf::duration{std::min(options.timeout, longest_timeout) + lost_node_grace};
}

/// A pending `run`: hands the function's own result type to the callback.
template <class T, class Response>
class run_response {
public:
  explicit run_response(Response response) : response_(std::move(response)) {}

  /// `on_value` takes a T (nothing if T is void), `on_error` a caf::error.
  template <class F, class E>
  void then(F on_value, E on_error) {
    response_.then(unwrap(std::move(on_value)), std::move(on_error));
  }

  /// Blocks; for scoped actors.
  template <class F, class E>
  void receive(F on_value, E on_error) {
    response_.receive(unwrap(std::move(on_value)), std::move(on_error));
  }

private:
  template <class F>
  static auto unwrap(F on_value) {
    return [on_value = std::move(on_value)](run_result& r) mutable {
      if constexpr (std::is_void_v<T>)
        on_value();
      else
        on_value(r.take<T>());
    };
  }

  Response response_;
};

template <class F>
work as_work(F function) {
  using result = std::invoke_result_t<F&, _mongoc_client_t&>;
  return [function = std::move(function)](_mongoc_client_t& client) mutable {
    if constexpr (std::is_void_v<result>) {
      function(client);
      return run_result{};
    } else {
      return run_result{std::any{function(client)}};
    }
  };
}

} // namespace detail

/// How long the state of health, or figures, may take to come: it is asked of moor alone, not of
/// the server.
inline constexpr duration health_patience = std::chrono::seconds{5};

/// How a lease is watched: see `acquire`.
struct lease_options {
  bool dedicated = false;
  duration leak_after{0};
  bool tell_when_overdue = false;
};

/// Asks for a lease. Without a timeout the pool's own applies; a pool on another node that is lost
/// meanwhile is then noticed by a monitor only. `self` is a pointer to an actor, or a scoped_actor.
/// `where` is the place of the call, for reports of leaks.
template <class Self>
auto ask_lease(Self& self, const pool_actor& pool, request_options options,
               lease_options watched = {}, call_site where = call_site::here()) {
  const auto wait = detail::longest_wait(self, pool, options);
  where.borrower = self->name();
  return self->request(pool, wait,
                       moor::acquire{detail::stamped(self, std::move(options)), watched.dedicated,
                                     watched.leak_after, watched.tell_when_overdue,
                                     actors::with_stack(std::move(where))});
}

/// Asks for everything that is out, the oldest first; answered with a `leases_report`.
template <class Self>
auto ask_leases(Self& self, const pool_actor& pool) {
  return self->request(pool, health_patience, get_leases{});
}

/// Asks what the leak detector found; answered with a `leaks_report`.
template <class Self>
auto ask_leaks(Self& self, const pool_actor& pool) {
  return self->request(pool, health_patience, get_leaks{});
}

/// Asks how the pool and its server are; answered with a `health_report`.
template <class Self>
auto ask_health(Self& self, const pool_actor& pool) {
  return self->request(pool, health_patience, get_health{});
}

/// Asks whether the pool's state is `healthy`; answered with a bool.
template <class Self>
auto ask_is_healthy(Self& self, const pool_actor& pool) {
  return self->request(pool, health_patience, is_healthy{});
}

/// Asks for the operations whose commands took the most time in all, at most so many; answered with
/// an `operations_report`.
template <class Self>
auto ask_operations(Self& self, const pool_actor& pool, std::uint64_t most = 20) {
  return self->request(pool, health_patience, get_operations{most});
}

/// Where a request is served: by any connection of a pool, or by that of a lease. The lease must be
/// kept until the answer came.
struct target {
  // NOLINTBEGIN(google-explicit-constructor): callers name the pool or the lease and nothing else
  target(pool_actor any_of) : pool(std::move(any_of)) {}
  target(const moor::lease& of) : pool(of.pool()), lease(of.id()) {}
  // NOLINTEND(google-explicit-constructor)

  pool_actor pool;
  lease_id lease = 0;
};

/// Asks for `function(mongoc_client_t&)` to be run where it may block; on a lease, for
/// instance, the steps of a transaction. The result must be copyable; an exception becomes the
/// error. Throw through `mongo::check` for libmongoc's errors.
template <class Self, class F>
auto ask_run(Self& self, const target& on, request_options options, F function) {
  const auto wait = detail::longest_wait(self, on.pool, options);
  auto response
    = self->request(on.pool, wait,
                    moor::run{detail::stamped(self, std::move(options)),
                              detail::as_work(std::move(function)), on.lease, self->name()});
  return detail::run_response<std::invoke_result_t<F&, _mongoc_client_t&>, decltype(response)>{
    std::move(response)};
}

/// Asks for one command to be run on `database`; answered with the server's reply.
template <class Self>
auto ask_command(Self& self, const target& on, request_options options, std::string database,
                 document body) {
  const auto wait = detail::longest_wait(self, on.pool, options);
  return self->request(on.pool, wait,
                       moor::command{detail::stamped(self, std::move(options)), std::move(database),
                                     std::move(body), on.lease, self->name()});
}

} // namespace moor
