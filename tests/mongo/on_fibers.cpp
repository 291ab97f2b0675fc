#define CAF_SUITE mongo_on_fibers

// Connections used on fibers.

#include "mongo/server_rig.hpp"

#include <array>
#include <functional>
#include <future>
#include <latch>
#include <vector>

#include "moor/mongo/fiber.hpp"
#include "moor/mongo/fiber_lane.hpp"
#include "support/certificates.hpp"
#include "support/fault_proxy.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

using connection_ptr = std::shared_ptr<mongo::connection>;

settings on_fibers(const std::string& uri) {
  auto result = settings_with(uri);
  result.lane = command_lane::fibers;
  return result;
}

/// What `work` says on a fiber of the connection's lane.
template <class Work>
auto later(mongo::connection& at, Work work) {
  auto promise = std::make_shared<std::promise<decltype(work())>>();
  auto result = promise->get_future();
  CAF_REQUIRE(at.lane()->loop().post([promise, work] { promise->set_value(work()); }));
  return result;
}

template <class T>
T come(std::future<T> result) {
  CAF_REQUIRE(result.wait_for(forever) == std::future_status::ready);
  return result.get();
}

std::string ping(mongo::connection& of) {
  return come(later(of, [&] { return answer(of, R"({"ping": 1})", "admin"); }));
}

const certificate_authority& authority() {
  static const certificate_authority instance;
  return instance;
}

struct fixture {
  embedded_server server;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(on_fibers_tests, fixture)

CAF_TEST(a connection has a lane only if the settings say so) {
  auto threads = on_fibers(server.uri());
  threads.lane = command_lane::threads;
  CAF_CHECK(connection_with(threads)->lane() == nullptr);
  const auto ours = connection_with(on_fibers(server.uri()));
  CAF_CHECK(ours->lane() != nullptr);
  CAF_CHECK(ours->lane() == ours->lane());
}

CAF_TEST(commands and pings are carried out on a fiber) {
  const auto ours = established_with(on_fibers(server.uri()));
  CAF_CHECK(has(ping(*ours), "\"ok\""));
  CAF_CHECK(!come(later(*ours, [&] { return ours->ping(forever); })));
  CAF_CHECK(
    has(come(later(*ours, [&] { return answer(*ours, R"({"nonsense": 1})"); })), "nonsense"));
}

CAF_TEST(a connection goes to and fro between fibers and threads) {
  const auto ours = established_with(on_fibers(server.uri()));
  for (int i = 0; i < 10; ++i) {
    CAF_CHECK(has(ping(*ours), "\"ok\""));
    CAF_CHECK(has(answer(*ours, R"({"ping": 1})", "admin"), "\"ok\""));
  }
}

CAF_TEST(many commands wait on one thread at once) {
  constexpr std::size_t count = 16;
  server.run("admin", R"({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data":
    {"appName": "moor", "failCommands": ["find"], "blockConnection": true, "blockTimeMS": 100}})");
  auto made = make_driver(on_fibers(server.uri()));
  auto& all = *std::get<std::shared_ptr<driver>>(made);
  std::vector<connection_ptr> ours;
  for (std::size_t i = 0; i < count; ++i) {
    ours.push_back(all.make_connection());
    CAF_REQUIRE(!ours.back()->establish());
  }
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::future<std::string>> answers;
  for (auto& one : ours)
    answers.push_back(later(*one, [&one] { return answer(*one, R"({"find": "things"})"); }));
  for (auto& one : answers)
    CAF_CHECK(has(come(std::move(one)), "cursor"));
  CAF_CHECK(std::chrono::steady_clock::now() - begin < count * 100ms);
}

CAF_TEST(an interrupt ends a command on a fiber whenever it comes) {
  fault_proxy proxy{server.port()};
  for (int i = 0; i < 5; ++i) {
    proxy.set(fault::none);
    const auto ours = established_with(on_fibers(proxy.uri()));
    proxy.set(fault::silence);
    auto got = later(*ours, [&] { return failure_of(*ours, R"({"ping": 1})", "admin"); });
    ours->interrupt();
    CHECK_FAILURE(come(std::move(got)), errc::connection_lost, spoils::connection);
    CAF_CHECK(!ours->fits_fiber());
  }
}

CAF_TEST(a silent server is given up in time on a fiber) {
  auto from = on_fibers(server.uri());
  from.socket_timeout = 100ms;
  const auto ours = established_with(from);
  server.pause();
  CHECK_FAILURE(come(later(*ours, [&] { return failure_of(*ours, R"({"ping": 1})", "admin"); })),
                errc::operation_timeout, spoils::connection);
  CAF_CHECK(!ours->fits_fiber());
}

CAF_TEST(a connection fits a fiber while nothing but an answer is to be waited for) {
  fault_proxy proxy{server.port()};
  const auto ours = connection_with(on_fibers(proxy.uri()));
  CAF_CHECK(!ours->fits_fiber());
  CAF_REQUIRE(!ours->establish());
  CAF_CHECK(ours->fits_fiber());
  proxy.set(fault::refuse);
  // Only what was idle for a moment is suspected.
  const auto until = std::chrono::steady_clock::now() + forever;
  while (ours->fits_fiber() && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  CAF_CHECK(!ours->fits_fiber());
}

CAF_TEST(before libmongoc looks at its servers again a connection does not fit a fiber) {
  const auto ours = established_with(on_fibers(server.uri("?heartbeatFrequencyMS=500")));
  CAF_CHECK(ours->fits_fiber());
  const auto until = std::chrono::steady_clock::now() + forever;
  while (ours->fits_fiber() && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  CAF_CHECK(!ours->fits_fiber());
  // The first command after its time makes it look.
  while (!ours->fits_fiber() && std::chrono::steady_clock::now() < until)
    answer(*ours, R"({"ping": 1})", "admin");
  CAF_CHECK(ours->fits_fiber());
}

CAF_TEST(nothing is dialled on a fiber) {
  const auto ours = established_with(on_fibers(server.uri()));
  server.kill_now();
  server.restart();
  const auto first
    = come(later(*ours, [&] { return failure_of(*ours, R"({"ping": 1})", "admin"); }));
  // libmongoc looks whether the socket was closed if that was idle for a second, and would dial.
  CAF_CHECK(first.code == errc::connection_lost || first.code == errc::no_suitable_server);
  CAF_CHECK(!ours->fits_fiber());
}

CAF_TEST(a command takes a small part of a stack) {
  const auto ours = established_with(on_fibers(server.uri()));
  fiber on;
  std::string got;
  on.start([&] { got = answer(*ours, R"({"ping": 1})", "admin"); });
  CAF_CHECK(has(got, "\"ok\""));
  CAF_MESSAGE("touched: " << on.touched());
  CAF_CHECK_LESS(on.touched(), fiber::stack_size / 4);
}

CAF_TEST(TLS is spoken on fibers) {
  server_options with;
  with.tls = authority().issue("localhost");
  embedded_server secure{with};
  const auto uri = "mongodb://localhost:" + std::to_string(secure.port())
                   + "/?directConnection=true&tls=true&tlsCAFile=" + authority().file().string();
  auto made = make_driver(on_fibers(uri));
  std::array<connection_ptr, 4> ours;
  for (auto& one : ours) {
    one = std::get<std::shared_ptr<driver>>(made)->make_connection();
    CAF_REQUIRE(!one->establish());
  }
  for (int i = 0; i < 20; ++i) {
    std::vector<std::future<std::string>> answers;
    for (auto& one : ours)
      answers.push_back(later(*one, [&one] { return answer(*one, R"({"ping": 1})", "admin"); }));
    for (auto& one : answers)
      CAF_CHECK(has(come(std::move(one)), "\"ok\""));
  }
  fiber on;
  on.start([&] { answer(*ours[0], R"({"ping": 1})", "admin"); });
  CAF_MESSAGE("touched: " << on.touched());
  CAF_CHECK_LESS(on.touched(), fiber::stack_size / 4);
}

CAF_TEST_FIXTURE_SCOPE_END()
