#include <memory>
#include <random>
#include <stdexcept>
#include <thread>

#include "moor/mongo/handles.hpp"
#include "moor/mongo/use.hpp"

#include "contenders.hpp"
#include "operation.hpp"

namespace compare {

namespace {

using moor::mongo::c_owner;
using pool_owner = c_owner<mongoc_client_pool_t, mongoc_client_pool_destroy>;

pool_owner make_pool(const options& what) {
  bson_error_t error;
  const moor::mongo::uri_owner uri{mongoc_uri_new_with_error(what.uri.c_str(), &error)};
  if (!uri)
    throw std::runtime_error{error.message};
  mongoc_uri_set_option_as_int32(uri.get(), MONGOC_URI_MAXPOOLSIZE,
                                 static_cast<std::int32_t>(what.connections));
  pool_owner pool{mongoc_client_pool_new_with_error(uri.get(), &error)};
  if (!pool)
    throw std::runtime_error{error.message};
  mongoc_client_pool_set_error_api(pool.get(), MONGOC_ERROR_API_VERSION_2);
  return pool;
}

/// Has every client connect.
void warm(mongoc_client_pool_t* pool, std::size_t connections) {
  std::vector<mongoc_client_t*> popped;
  const operation ping{op::ping};
  std::minstd_rand random;
  for (std::size_t i = 0; i < connections; ++i) {
    popped.push_back(mongoc_client_pool_pop(pool));
    do_on(*popped.back(), ping.database(), ping.command(random));
  }
  for (auto* client : popped)
    mongoc_client_pool_push(pool, client);
}

void run_client(mongoc_client_pool_t* pool, const operation& todo, window& during, samples& into,
                unsigned seed) {
  std::minstd_rand random{seed};
  bool settled = false;
  for (auto asked = clock::now(); during.go_on(asked, settled); asked = clock::now()) {
    auto* client = mongoc_client_pool_pop(pool);
    into.granted(during, asked, clock::now());
    try {
      do_on(*client, todo.database(), todo.command(random));
      mongoc_client_pool_push(pool, client);
      into.answered(during, asked, clock::now());
    } catch (const moor::mongo::error&) {
      mongoc_client_pool_push(pool, client);
      into.failed(during, asked);
    }
  }
}

} // namespace

result run_client_pool(const options& what) {
  const auto pool = make_pool(what);
  warm(pool.get(), what.connections);
  const operation todo{what.operation};
  result measured{std::chrono::seconds{what.seconds}, std::vector<samples>(what.clients)};
  window during{what.clients, measured.length};
  const auto before = cpu_time();
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < what.clients; ++i)
    threads.emplace_back([&, i] {
      run_client(pool.get(), todo, during, measured.clients[i], static_cast<unsigned>(i + 1));
    });
  threads.clear(); // joins
  measured.cpu = cpu_time() - before;
  return measured;
}

} // namespace compare
