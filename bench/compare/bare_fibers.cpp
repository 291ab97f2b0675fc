#include <future>
#include <memory>
#include <random>
#include <variant>
#include <vector>

#include "moor/messages/errors.hpp"
#include "moor/mongo/fiber_lane.hpp"

#include "connections.hpp"
#include "contenders.hpp"
#include "operation.hpp"

namespace compare {

namespace {

void run_client(moor::mongo::connection& own, const operation& todo, window& during, samples& into,
                unsigned seed) {
  std::minstd_rand random{seed};
  bool settled = false;
  for (auto asked = clock::now(); during.go_on(asked, settled); asked = clock::now()) {
    into.granted(during, asked, asked);
    const auto answer = own.command(todo.database(), todo.command(random));
    if (std::holds_alternative<moor::failure>(answer))
      into.failed(during, asked);
    else
      into.answered(during, asked, clock::now());
  }
}

} // namespace

result run_bare_fibers(const options& what) {
  const auto connections = connect_all(what);
  const operation todo{what.operation};
  result measured{std::chrono::seconds{what.seconds}, std::vector<samples>(what.connections)};
  window during{what.connections, measured.length};
  const auto before = cpu_time();
  std::vector<std::future<void>> ended;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    auto end = std::make_shared<std::promise<void>>();
    ended.push_back(end->get_future());
    auto& own = *connections[i];
    own.lane()->loop().post([&, i, end] {
      run_client(own, todo, during, measured.clients[i], static_cast<unsigned>(i + 1));
      end->set_value();
    });
  }
  for (auto& one : ended)
    one.wait(); // `window` sees to it
  measured.cpu = cpu_time() - before;
  return measured;
}

} // namespace compare
