// What is compared.
#pragma once

#include <array>
#include <string_view>

#include "options.hpp"
#include "samples.hpp"

namespace compare {

/// Clients are event-based actors, each with one request outstanding, a `run` or a `command`;
/// `lane` is the setting `command-lane`, `turns` is `borrower-turns`. Throws std::runtime_error if
/// the pool does not start.
result run_moor(const options& what, bool by_run, std::string_view lane,
                std::string_view turns = "scheduler");

/// Clients are threads, each of which pops a client, does the operation and pushes the client back.
/// Throws std::runtime_error if the server does not answer.
result run_client_pool(const options& what);

/// Clients are fibers of one loop, each of which uses a connection of moor's own, without pool or
/// actors: what there is to win for `moor-command-fibers` at the most. Throws std::runtime_error if
/// a connection cannot be established.
result run_bare_fibers(const options& what);

/// Clients are event-based actors, each of which asks an actor that has one connection and does
/// nothing else, on the fiber lane: what `command` costs without a pool. Throws std::runtime_error
/// if a connection cannot be established.
result run_bare_actors(const options& what);

struct contender {
  std::string_view name;
  result (*run)(const options& what);
  bool connection_each = false; ///< there are to be as many connections as clients
};

inline bool takes_part(const contender& one, const options& what) {
  return !one.connection_each || what.clients == what.connections;
}

/// moor's ways of doing the work and their bounds; last the one that all are compared with.
inline constexpr std::array contenders{
  contender{"moor-run", [](const options& what) { return run_moor(what, true, "threads"); }},
  contender{"moor-run-fibers", [](const options& what) { return run_moor(what, true, "fibers"); }},
  contender{"moor-command", [](const options& what) { return run_moor(what, false, "threads"); }},
  contender{"moor-command-fibers",
            [](const options& what) { return run_moor(what, false, "fibers"); }},
  contender{"moor-command-loop",
            [](const options& what) { return run_moor(what, false, "fibers", "loop"); }},
  contender{"bare-actors", run_bare_actors, true},
  contender{"bare-fibers", run_bare_fibers, true},
  contender{"mongoc_client_pool", run_client_pool},
};

} // namespace compare
