#define CAF_TEST_NO_MAIN
#include <caf/test/unit_test_impl.hpp>

#include <stdexcept>

#include "actors/rig.hpp"

#include "scenarios.hpp"

namespace hot_paths {

namespace {

using namespace moor;

/// Asks the pool once for each tick, so that its own cost is small and always the same.
template <class Answer, class Request>
void count(const Request& what, std::uint64_t times) {
  test::pool_rig rig;
  rig.start_ready();
  std::uint64_t answers = 0;
  const auto borrower = rig.sys.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](tick) {
      self->request(caf::actor_cast<caf::actor>(rig.pool), caf::infinite, what)
        .then([&](const Answer&) { ++answers; });
    }};
  });
  const auto once = [&] {
    caf::anon_send(borrower, tick{});
    rig.settle();
  };
  once(); // establishes the connection
  counted(times, once);
  caf::anon_send_exit(borrower, caf::exit_reason::user_shutdown);
  rig.settle();
  if (answers != times + 1)
    throw std::logic_error{"requests were refused"};
}

} // namespace

void command(std::uint64_t times) {
  count<document>(moor::command{{.operation = "bench"}, "db", test::small_document}, times);
}

void lease(std::uint64_t times) {
  count<moor::lease>(acquire{.options = {.operation = "bench"}}, times);
}

} // namespace hot_paths
