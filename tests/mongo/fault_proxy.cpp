#define CAF_SUITE fault_proxy

// What libmongoc and moor make of each fault between them and a server.

#include "support/fault_proxy.hpp"

#include <algorithm>
#include <filesystem>
#include <future>
#include <iterator>

#include "mongo/peers.hpp"
#include "mongo/server_rig.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace {

/// Timeouts of connections that meet a fault.
constexpr auto limit = 500ms;
/// How late the machine may be. Less than `forever`, which tells waiting from failing at once.
constexpr auto slack = 20s;

/// One server for all tests of this file: none of them stops it.
std::uint16_t server_port() {
  static const embedded_server server;
  return server.port();
}

struct fixture {
  fault_proxy proxy{server_port()};

  /// Without the fault a new connection works.
  void check_recovery() {
    proxy.set(fault::none);
    const auto fresh = established(proxy.uri());
    CAF_CHECK(has(answer(*fresh, R"({"ping": 1})"), "\"ok\""));
  }
};

bool wait_until_open(const fault_proxy& proxy, std::size_t count) {
  const auto deadline = clock_type::now() + forever;
  while (proxy.open() != count && clock_type::now() < deadline)
    std::this_thread::yield();
  return proxy.open() == count;
}

settings hasty(const fault_proxy& through) {
  auto result = settings_with(through.uri());
  result.connect_timeout = limit;
  result.socket_timeout = limit;
  return result;
}

/// How long `deed` takes.
template <class Deed>
clock_type::duration duration_of(Deed deed) {
  const auto begin = clock_type::now();
  deed();
  return clock_type::now() - begin;
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, {});
}

/// A client without a protocol.
descriptor connected_to(const fault_proxy& proxy) {
  descriptor result{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(proxy.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(result.get(), generic, sizeof address) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot connect to the proxy");
  return result;
}

/// Whether poll reports one of the events, or an error, within the limit.
bool becomes(const descriptor& socket, short events, std::chrono::milliseconds within) {
  pollfd entry{socket.get(), events, 0};
  return ::poll(&entry, 1, static_cast<int>(within.count())) > 0;
}

/// What an established connection and a new one meet, and how fast.
struct expectation {
  fault what;
  errc in_flight;
  spoils reach;
  bool until_timeout;
};

constexpr expectation expectations[] = {
  {fault::refuse, errc::connection_lost, spoils::generation, false},
  {fault::reset, errc::connection_lost, spoils::generation, false},
  {fault::silence, errc::operation_timeout, spoils::connection, true},
  {fault::garbage, errc::connection_lost, spoils::connection, false},
  {fault::cut, errc::connection_lost, spoils::generation, false},
};

void check_time(clock_type::duration time, const expectation& expected) {
  CAF_CHECK(time < limit + slack);
  if (expected.until_timeout)
    CAF_CHECK(time >= limit);
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(fault_proxy_tests, fixture)

CAF_TEST(nothing is in the way without a fault) {
  const fault_proxy plain{server_port(), {.delay = forever}};
  auto ours = established(plain.uri());
  CAF_CHECK(!ours->ping(forever));
  const std::string text(1'000'000, 'x');
  CAF_CHECK(
    has(answer(*ours, R"({"insert": "big", "documents": [{"t": ")" + text + "\"}]}"), "\"ok\""));
  CAF_CHECK(has(answer(*ours, R"({"find": "big", "limit": 1})"), text));
  CAF_CHECK_EQUAL(plain.open(), 1u);
  ours.reset();
  CAF_CHECK(wait_until_open(plain, 0));
}

CAF_TEST(a command under each fault ends in time with what happened) {
  for (const auto& expected : expectations) {
    CAF_MESSAGE("fault " << static_cast<int>(expected.what));
    const auto ours = established_with(hasty(proxy));
    proxy.set(expected.what);
    const auto time = duration_of([&] {
      CHECK_FAILURE(failure_of(*ours, R"({"find": "things"})"), expected.in_flight, expected.reach);
    });
    check_time(time, expected);
    check_recovery();
  }
}

CAF_TEST(a ping under each fault ends in time with what happened) {
  for (const auto& expected : expectations) {
    CAF_MESSAGE("fault " << static_cast<int>(expected.what));
    const auto ours = established(proxy.uri());
    proxy.set(expected.what);
    const auto time = duration_of([&] {
      const auto got = ours->ping(limit);
      CAF_REQUIRE(got.has_value());
      CHECK_FAILURE(*got, expected.in_flight, expected.reach);
    });
    check_time(time, expected);
    check_recovery();
  }
}

CAF_TEST(no connection can be established under a fault) {
  for (const auto& expected : expectations) {
    CAF_MESSAGE("fault " << static_cast<int>(expected.what));
    proxy.set(expected.what);
    const auto time = duration_of(
      [&] { CHECK_FAILURE(refusal(hasty(proxy)), errc::connect_failed, spoils::connection); });
    check_time(time, expected);
    check_recovery();
  }
}

CAF_TEST(who is refused or reset need not wait) {
  for (const auto what : {fault::refuse, fault::reset, fault::cut}) {
    proxy.set(what);
    const auto time = duration_of([&] { refusal(settings_with(proxy.uri())); });
    CAF_CHECK(time < slack);
  }
  check_recovery();
}

CAF_TEST(a slow server is waited for) {
  const auto ours = established(proxy.uri());
  proxy.set(fault::slow);
  CAF_CHECK(duration_of([&] { CAF_CHECK(!ours->ping(forever)); }) >= 200ms);
  proxy.set(fault::slow, 300ms);
  CAF_CHECK(duration_of([&] { CAF_CHECK(!ours->ping(forever)); }) >= 300ms);
  CAF_CHECK(duration_of([&] { established(proxy.uri()); }) >= 300ms);
  proxy.set(fault::slow, forever);
  CHECK_FAILURE(refusal(hasty(proxy)), errc::connect_failed, spoils::connection);
  const auto got = ours->ping(limit);
  CAF_REQUIRE(got.has_value());
  CHECK_FAILURE(*got, errc::operation_timeout, spoils::connection);
  check_recovery();
}

CAF_TEST(what silence and slowness held back goes on without them) {
  for (const auto what : {fault::silence, fault::slow}) {
    const auto ours = established(proxy.uri());
    proxy.set(what, forever);
    auto got = std::async(std::launch::async, [&] { return ours->ping(forever); });
    CAF_CHECK(got.wait_for(100ms) == std::future_status::timeout);
    proxy.set(fault::none);
    CAF_CHECK(!got.get());
  }
}

CAF_TEST(a connection made in silence is established after it) {
  proxy.set(fault::silence);
  auto got = std::async(std::launch::async, [this] {
    return connection_with(settings_with(proxy.uri()))->establish();
  });
  CAF_CHECK(wait_until_open(proxy, 1));
  proxy.set(fault::none);
  CAF_CHECK(!got.get());
}

CAF_TEST(a client that leaves in silence is noticed) {
  auto ours = established(proxy.uri());
  proxy.set(fault::silence);
  ours.reset();
  CAF_CHECK(wait_until_open(proxy, 0));
}

CAF_TEST(a server that is not there looks like a reset) {
  fault_proxy astray{listener{}.port()};
  auto from = settings_with(astray.uri());
  CAF_CHECK(
    duration_of([&] { CHECK_FAILURE(refusal(from), errc::connect_failed, spoils::connection); })
    < slack);
  CAF_CHECK(wait_until_open(astray, 0));
}

CAF_TEST(a sender is stopped when nobody reads) {
  const listener mute;
  const fault_proxy to_mute{mute.port()};
  const auto ours = connected_to(to_mute);
  const auto theirs = mute.accept();
  const std::string bytes(64 * 1024, 'x');
  constexpr ssize_t far_too_many = 100'000'000; // several times what the kernel holds
  ssize_t sent = 0;
  while (sent < far_too_many && becomes(ours, POLLOUT, 100ms))
    sent += std::max<ssize_t>(
      ::send(ours.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL), 0);
  CAF_MESSAGE(sent << " bytes");
  CAF_CHECK(sent < far_too_many);
}

CAF_TEST(the same seed gives the same garbage) {
  const listener server;
  const auto garbage = [&](std::uint64_t seed) {
    fault_proxy odd{server.port(), {.seed = seed}};
    odd.set(fault::garbage);
    const auto ours = connected_to(odd);
    const auto theirs = server.accept();
    std::string bytes(1000, 'x');
    CAF_CHECK_EQUAL(::send(theirs.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), 1000);
    CAF_REQUIRE(becomes(ours, POLLIN, forever));
    CAF_CHECK_EQUAL(::recv(ours.get(), bytes.data(), bytes.size(), MSG_DONTWAIT), 1000);
    return bytes;
  };
  CAF_CHECK_EQUAL(garbage(1), garbage(1));
  CAF_CHECK(garbage(1) != garbage(2));
  CAF_CHECK(garbage(1) != std::string(1000, 'x'));
}

CAF_TEST(faults leave no descriptor behind) {
  established(proxy.uri());
  CAF_CHECK(wait_until_open(proxy, 0));
  const auto before = open_descriptors();
  for (const auto& expected : expectations) {
    fault_proxy other{server_port()};
    const auto ours = established_with(settings_with(other.uri()));
    other.set(expected.what);
    ours->ping(limit);
    refusal(hasty(other));
    other.set(fault::none);
  }
  CAF_CHECK_EQUAL(open_descriptors(), before);
}

CAF_TEST_FIXTURE_SCOPE_END()
