// What is compared.
#pragma once

#include "options.hpp"
#include "samples.hpp"

namespace compare {

/// Clients are event-based actors, each with one request outstanding; `what.contender` says whether
/// through `run` or `command`. Throws std::runtime_error if the pool does not start.
result run_moor(const options& what);

/// Clients are threads, each of which pops a client, does the operation and pushes the client back.
/// Throws std::runtime_error if the server does not answer.
result run_client_pool(const options& what);

} // namespace compare
