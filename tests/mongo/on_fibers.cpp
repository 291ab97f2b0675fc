#define CAF_SUITE mongo_on_fibers

// Connections used on fibers.

#include "mongo/server_rig.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <latch>
#include <utility>
#include <vector>

#include "mongo/loop_work.hpp"
#include "mongo/peers.hpp"
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
  return done_on(at.lane()->loop(), std::move(work));
}

std::string ping(mongo::connection& of) {
  return come(later(of, [&] { return answer(of, R"({"ping": 1})", "admin"); }));
}

const certificate_authority& authority() {
  static const certificate_authority instance;
  return instance;
}

/// Passes one connection on to a server that speaks TLS.
class tls_relay {
public:
  explicit tls_relay(std::uint16_t to) : thread_{[this, to] { serve(to); }} {}
  ~tls_relay() {
    listener_.stop();
    ::shutdown(client_, SHUT_RDWR);
    thread_.join();
  }
  tls_relay(const tls_relay&) = delete;
  tls_relay& operator=(const tls_relay&) = delete;

  std::uint16_t port() const noexcept { return listener_.port(); }

  /// Closes towards the client, who is connected and idle, as TLS 1.3 does: after a close_notify.
  void say_goodbye() const {
    const auto alert = std::string{"\x17\x03\x03\0\x13", 5} + std::string(19, 'x');
    ::send(client_, alert.data(), alert.size(), MSG_NOSIGNAL);
    ::shutdown(client_, SHUT_WR);
  }

private:
  void serve(std::uint16_t to) {
    const auto client = listener_.accept();
    const descriptor server{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client_ = client.get();
    if (::connect(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      return;
    std::array<pollfd, 2> ends{{{client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}}};
    while (::poll(ends.data(), ends.size(), -1) > 0)
      for (std::size_t from = 0; from < 2; ++from)
        if (ends[from].revents != 0 && !pass(ends[from].fd, ends[1 - from].fd))
          return;
  }

  static bool pass(int from, int to) {
    std::array<char, 16 * 1024> bytes;
    const auto count = ::recv(from, bytes.data(), bytes.size(), 0);
    return count > 0
           && ::send(to, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
  }

  listener listener_;
  std::atomic<int> client_ = -1;
  std::thread thread_;
};

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

CAF_TEST(a connection that TLS said goodbye on does not fit a fiber) {
  server_options with;
  with.tls = authority().issue("localhost");
  embedded_server secure{with};
  tls_relay relay{secure.port()};
  const auto ours = established_with(
    on_fibers("mongodb://localhost:" + std::to_string(relay.port())
              + "/?directConnection=true&tls=true&tlsCAFile=" + authority().file().string()));
  const auto until = std::chrono::steady_clock::now() + forever;
  const auto idle_until = std::chrono::steady_clock::now() + 1s; // then it is suspected
  while (std::chrono::steady_clock::now() < idle_until)
    std::this_thread::yield();
  CAF_CHECK(ours->fits_fiber());
  relay.say_goodbye();
  while (ours->fits_fiber() && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  CAF_CHECK(!ours->fits_fiber());
}

CAF_TEST(a reply of several megabytes comes beside pings) {
  const auto other = established_with(on_fibers(server.uri()));
  const auto megabyte = std::string(1'000'000, 'x');
  for (int i = 0; i < 6; ++i)
    answer(*other, R"({"insert": "large", "documents": [{"x": ")" + megabyte + "\"}]}");
  auto made = make_driver(on_fibers(server.uri()));
  std::array<connection_ptr, 2> ours;
  for (auto& one : ours) {
    one = std::get<std::shared_ptr<driver>>(made)->make_connection();
    CAF_REQUIRE(!one->establish());
  }
  auto large = later(*ours[0], [&] { return answer(*ours[0], R"({"find": "large"})").size(); });
  do
    CAF_CHECK(has(ping(*ours[1]), "\"ok\""));
  while (large.wait_for(0s) != std::future_status::ready);
  CAF_CHECK_GREATER(come(std::move(large)), 6 * megabyte.size());
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
  const std::string megabyte(1'000'000, 'x');
  const auto insert = R"({"insert": "large", "documents": [{"x": ")" + megabyte + "\"}]}";
  CAF_CHECK(has(come(later(*ours[0], [&] { return answer(*ours[0], insert); })), "\"n\" : 1"));
  fiber on;
  on.start([&] { answer(*ours[0], R"({"ping": 1})", "admin"); });
  CAF_MESSAGE("touched: " << on.touched());
  CAF_CHECK_LESS(on.touched(), fiber::stack_size / 4);
}

CAF_TEST_FIXTURE_SCOPE_END()
