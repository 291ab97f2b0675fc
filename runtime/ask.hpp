// How an actor asks a pool: the request is stamped with its deadline, and `run` gives back the type
// that the function returns. Works for event-based actors (`.then`) and scoped ones (`.receive`).
#pragma once

#include <any>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include <caf/timespan.hpp>

#include "moor/messages/actors.hpp"

struct _mongoc_client_t;

namespace moor {

namespace detail {

/// The pool answers every request by its deadline; this is for a pool on a node that was lost.
inline constexpr duration lost_node_grace = std::chrono::seconds{10};

/// Notes the deadline as a point in time, so that time spent in mailboxes counts.
template <class Self>
request_options stamped(Self& self, request_options options) {
  if (options.timeout > duration::zero() && options.timeout <= longest_timeout)
    options.not_after = self->clock().now().time_since_epoch() + options.timeout;
  return options;
}

inline duration longest_wait(const request_options& options) {
  return (options.timeout > duration::zero() ? options.timeout : longest_timeout) + lost_node_grace;
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

template <class Self, class F>
auto ask_run(Self& self, const pool_actor& pool, request_options options, F function,
             lease_id lease) {
  const auto wait = longest_wait(options);
  auto response = self->request(
    pool, wait, moor::run{stamped(self, std::move(options)), as_work(std::move(function)), lease});
  return run_response<std::invoke_result_t<F&, _mongoc_client_t&>, decltype(response)>{
    std::move(response)};
}

template <class Self>
auto ask_command(Self& self, const pool_actor& pool, request_options options, std::string database,
                 document body, lease_id lease) {
  const auto wait = longest_wait(options);
  return self->request(
    pool, wait,
    moor::command{stamped(self, std::move(options)), std::move(database), std::move(body), lease});
}

} // namespace detail

/// Asks for a lease. `self` is a pointer to an actor, or a scoped_actor.
template <class Self>
auto ask_lease(Self& self, const pool_actor& pool, request_options options,
               bool dedicated = false) {
  const auto wait = detail::longest_wait(options);
  return self->request(pool, wait,
                       moor::acquire{detail::stamped(self, std::move(options)), dedicated});
}

/// Asks for `function(mongoc_client_t&)` to be run on a connection's own thread. The result must be
/// copyable; an exception becomes the error. Throw through `mongo::check` for libmongoc's errors.
template <class Self, class F>
auto ask_run(Self& self, const pool_actor& pool, request_options options, F function) {
  return detail::ask_run(self, pool, std::move(options), std::move(function), 0);
}

/// The same, on the lease's connection: several steps of a transaction, for instance. The lease
/// must be kept until the answer came.
template <class Self, class F>
auto ask_run(Self& self, const lease& on, request_options options, F function) {
  return detail::ask_run(self, on.pool(), std::move(options), std::move(function), on.id());
}

/// Asks for one command to be run on `database`; answered with the server's reply.
template <class Self>
auto ask_command(Self& self, const pool_actor& pool, request_options options, std::string database,
                 document body) {
  return detail::ask_command(self, pool, std::move(options), std::move(database), std::move(body),
                             0);
}

/// The same, on the lease's connection.
template <class Self>
auto ask_command(Self& self, const lease& on, request_options options, std::string database,
                 document body) {
  return detail::ask_command(self, on.pool(), std::move(options), std::move(database),
                             std::move(body), on.id());
}

} // namespace moor
