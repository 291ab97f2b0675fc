#define CAF_SUITE mongo_socket

#include "moor/mongo/socket.hpp"

#include <array>
#include <future>
#include <string>
#include <thread>

#include <caf/test/unit_test.hpp>
#include <sys/un.h>

#include "mongo/peers.hpp"
#include "support/scratch_directory.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace std::chrono_literals;
using test::forever;

namespace {

constexpr std::int32_t long_ms = std::chrono::milliseconds{forever}.count();

struct fixture {
  std::shared_ptr<wire> line = std::make_shared<wire>();

  /// Carries a dial to its end; true if it is connected then.
  bool finish(mongo::socket& s) {
    while (s.dialing()) {
      pollfd entry{s.descriptor(), POLLOUT, 0};
      const auto wait = s.dial_next_at() - wire::clock::now();
      ::poll(&entry, 1, static_cast<int>(std::max(wait, 0ns) / 1ms) + 1);
      s.advance_dial(entry.revents);
    }
    return s.connected();
  }

  struct link {
    std::unique_ptr<mongo::socket> ours;
    test::descriptor theirs;
  };

  link connected_link() {
    const test::listener peer;
    auto ours = test::dial(line, {peer.endpoint()}, forever);
    CAF_REQUIRE(finish(*ours));
    return {std::move(ours), peer.accept()};
  }
};

ssize_t receive(mongo::socket& s, std::string& into, std::size_t at_least, std::int32_t timeout) {
  const iovec buffer{into.data(), into.size()};
  return s.receive({&buffer, 1}, at_least, timeout);
}

ssize_t send(mongo::socket& s, std::string text, std::int32_t timeout) {
  const iovec buffer{text.data(), text.size()};
  return s.send({&buffer, 1}, timeout);
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(socket_tests, fixture)

CAF_TEST(an address that refuses is followed by the next one) {
  const test::listener peer;
  auto ours
    = test::dial(line, {test::closed_port(), test::closed_port(), peer.endpoint()}, forever);
  CAF_CHECK(finish(*ours));
}

CAF_TEST(an address that does not answer leaves time for the next one) {
  const test::black_hole hole;
  const test::listener peer;
  auto ours = test::dial(line, {hole.endpoint(), peer.endpoint()}, 400ms);
  CAF_CHECK(finish(*ours));
  CAF_CHECK(line->trouble().fault == io_fault::timed_out);
}

CAF_TEST(a dial fails when all addresses refuse) {
  auto ours = test::dial(line, {test::closed_port(), test::closed_port()}, forever);
  CAF_CHECK(!finish(*ours));
  CAF_CHECK(line->trouble().fault == io_fault::closed);
  CAF_CHECK_EQUAL(line->trouble().text, "cannot connect to peer: Connection refused");
}

CAF_TEST(a dial ends at its time) {
  const test::black_hole hole;
  const auto begin = wire::clock::now();
  auto ours = test::dial(line, {hole.endpoint()}, 100ms);
  CAF_CHECK(!finish(*ours));
  CAF_CHECK(wire::clock::now() - begin >= 100ms);
  CAF_CHECK(line->trouble().fault == io_fault::timed_out);
  CAF_CHECK_EQUAL(line->trouble().text, "peer did not accept a connection in time");
}

CAF_TEST(a cut ends a dial whenever it comes) {
  const test::black_hole hole;
  for (int i = 0; i < 100; ++i) {
    line = std::make_shared<wire>();
    std::thread other{[this] { line->cut(); }};
    auto ours = test::dial(line, {hole.endpoint()}, forever);
    CAF_CHECK(!finish(*ours));
    other.join();
    CAF_CHECK(line->trouble().fault == io_fault::interrupted);
  }
}

CAF_TEST(a cut ends a wait for input whenever it comes) {
  for (int i = 0; i < 100; ++i) {
    line = std::make_shared<wire>();
    auto [ours, theirs] = connected_link();
    std::thread other{[this] { line->cut(); }};
    std::string text(4, ' ');
    CAF_CHECK_EQUAL(receive(*ours, text, 4, long_ms), -1);
    other.join();
    CAF_CHECK(line->trouble().fault == io_fault::interrupted);
  }
}

CAF_TEST(a cut ends a wait for output) {
  auto [ours, theirs] = connected_link();
  std::thread other{[this] { line->cut(); }};
  const std::string more_than_the_buffers_hold(64 * 1024 * 1024, 'x');
  CAF_CHECK_LESS(send(*ours, more_than_the_buffers_hold, long_ms),
                 static_cast<ssize_t>(more_than_the_buffers_hold.size()));
  other.join();
  CAF_CHECK(line->trouble().fault == io_fault::interrupted);
}

CAF_TEST(sockets are opened and closed while another thread cuts) {
  for (int i = 0; i < 50; ++i) {
    line = std::make_shared<wire>();
    const test::listener peer;
    std::thread other{[this] { line->cut(); }};
    while (!line->is_cut())
      test::dial(line, {peer.endpoint()}, forever);
    other.join();
  }
}

CAF_TEST(what is sent arrives whole and in order) {
  auto [ours, theirs] = connected_link();
  std::string sent;
  for (int i = 0; i < 2'000'000; ++i)
    sent += static_cast<char>('a' + i % 23);
  std::string received(sent.size(), ' ');
  std::thread peer{[&] {
    for (std::size_t at = 0; at < received.size();)
      at += static_cast<std::size_t>(
        ::recv(theirs.get(), received.data() + at, received.size() - at, 0));
  }};
  // Many small buffers, more than one system call takes, and a large one at the end.
  std::vector<iovec> buffers;
  for (std::size_t at = 0; at < 1000; at += 10)
    buffers.push_back({sent.data() + at, 10});
  buffers.push_back({sent.data() + 1000, 0});
  buffers.push_back({sent.data() + 1000, sent.size() - 1000});
  const auto before = buffers.front();
  CAF_CHECK_EQUAL(ours->send(buffers, long_ms), static_cast<ssize_t>(sent.size()));
  peer.join();
  CAF_CHECK(received == sent);
  CAF_CHECK_EQUAL(buffers.front().iov_len, before.iov_len);
  CAF_CHECK_EQUAL(ours->last_error(), 0);
}

CAF_TEST(as much is received as was asked for) {
  auto [ours, theirs] = connected_link();
  std::thread peer{[&theirs = theirs] {
    for (const char* part : {"ab", "cd", "ef"})
      ::send(theirs.get(), part, 2, 0);
  }};
  std::string head(3, ' ');
  std::string tail(3, ' ');
  const std::array buffers{iovec{head.data(), 3}, iovec{tail.data(), 3}};
  CAF_CHECK_EQUAL(ours->receive(buffers, 6, long_ms), 6);
  CAF_CHECK_EQUAL(head + tail, "abcdef");
  peer.join();
}

CAF_TEST(without a minimum the first bytes suffice) {
  auto [ours, theirs] = connected_link();
  ::send(theirs.get(), "ab", 2, 0);
  std::string text(100, ' ');
  CAF_CHECK_EQUAL(receive(*ours, text, 0, long_ms), 2);
}

CAF_TEST(without time nothing is waited for) {
  auto [ours, theirs] = connected_link();
  std::string text(4, ' ');
  CAF_CHECK_EQUAL(receive(*ours, text, 0, 0), 0);
  CAF_CHECK_EQUAL(ours->last_error(), EAGAIN);
  CAF_CHECK_EQUAL(receive(*ours, text, 4, 0), -1);
  CAF_CHECK_EQUAL(ours->last_error(), EAGAIN);
  CAF_CHECK(line->trouble().fault == io_fault::none);
}

CAF_TEST(silence ends with the timeout) {
  auto [ours, theirs] = connected_link();
  ::send(theirs.get(), "ab", 2, 0);
  std::string text(4, ' ');
  const auto begin = wire::clock::now();
  CAF_CHECK_EQUAL(receive(*ours, text, 4, 50), -1);
  CAF_CHECK_EQUAL(ours->last_error(), ETIMEDOUT);
  CAF_CHECK(wire::clock::now() - begin >= 50ms);
  CAF_CHECK(line->trouble().fault == io_fault::timed_out);
  CAF_CHECK_EQUAL(line->trouble().text, "peer did not answer in time");
}

CAF_TEST(the deadline of the wire holds for every wait) {
  auto [ours, theirs] = connected_link();
  std::string text(4, ' ');
  line->set_deadline(wire::clock::now() + 50ms);
  CAF_CHECK_EQUAL(receive(*ours, text, 4, long_ms), -1);
  CAF_CHECK_EQUAL(receive(*ours, text, 4, -1), -1);
  CAF_CHECK_EQUAL(ours->last_error(), ETIMEDOUT);
  const std::string more_than_the_buffers_hold(64 * 1024 * 1024, 'x');
  CAF_CHECK_LESS(send(*ours, more_than_the_buffers_hold, long_ms),
                 static_cast<ssize_t>(more_than_the_buffers_hold.size()));
  CAF_CHECK_EQUAL(ours->last_error(), ETIMEDOUT);
}

CAF_TEST(the end of the stream is an error where bytes are missing) {
  auto [ours, theirs] = connected_link();
  ::send(theirs.get(), "ab", 2, 0);
  theirs = {};
  std::string text(4, ' ');
  CAF_CHECK_EQUAL(receive(*ours, text, 4, long_ms), -1);
  CAF_CHECK(line->trouble().fault == io_fault::closed);
  CAF_CHECK_EQUAL(receive(*ours, text, 0, long_ms), 0);
  CAF_CHECK(ours->last_error() != EAGAIN && ours->last_error() != 0);
}

CAF_TEST(a peer that is gone is noticed without a signal) {
  auto [ours, theirs] = connected_link();
  CAF_CHECK(!ours->closed_by_peer());
  const linger reset{1, 0};
  ::setsockopt(theirs.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  theirs = {};
  CAF_CHECK(ours->closed_by_peer());
  CAF_CHECK_EQUAL(send(*ours, "x", long_ms), -1);
  CAF_CHECK_EQUAL(send(*ours, "x", long_ms), -1);
  CAF_CHECK(line->trouble().fault == io_fault::closed);
}

CAF_TEST(unread input does not look like the end) {
  auto [ours, theirs] = connected_link();
  ::send(theirs.get(), "ab", 2, 0);
  std::string text(1, ' ');
  CAF_CHECK_EQUAL(receive(*ours, text, 1, long_ms), 1);
  CAF_CHECK(!ours->closed_by_peer());
}

CAF_TEST(what was received beyond what was asked for comes next) {
  auto [ours, theirs] = connected_link();
  ::send(theirs.get(), "abcdef", 6, 0);
  std::string head(1, ' ');
  CAF_CHECK_EQUAL(receive(*ours, head, 1, long_ms), 1);
  CAF_CHECK(ours->has_unread());
  theirs = {};
  CAF_CHECK(!ours->closed_by_peer());
  CAF_CHECK(ours->left_a_word());
  std::string some(2, ' ');
  CAF_CHECK_EQUAL(receive(*ours, some, 2, 0), 2);
  std::string rest(10, ' ');
  CAF_CHECK_EQUAL(receive(*ours, rest, 0, 0), 3);
  CAF_CHECK_EQUAL(head + some + rest.substr(0, 3), "abcdef");
  CAF_CHECK(!ours->has_unread());
  CAF_CHECK(ours->closed_by_peer());
}

CAF_TEST(of a long answer the part that was received early comes first) {
  auto [ours, theirs] = connected_link();
  std::string sent;
  for (std::size_t i = 0; i < 5 * read_ahead::capacity; ++i)
    sent += static_cast<char>('a' + i % 23);
  std::thread peer{[&, &theirs = theirs] { ::send(theirs.get(), sent.data(), sent.size(), 0); }};
  std::string head(4, ' ');
  std::string tail(sent.size() - 4, ' ');
  CAF_CHECK_EQUAL(receive(*ours, head, 4, long_ms), 4);
  CAF_CHECK_EQUAL(receive(*ours, tail, tail.size(), long_ms), static_cast<ssize_t>(tail.size()));
  CAF_CHECK(head + tail == sent);
  peer.join();
}

CAF_TEST(Unix sockets are dialed by their path) {
  const test::scratch_directory directory;
  const auto path = (directory.path() / "s").string();
  const test::descriptor peer{::socket(AF_UNIX, SOCK_STREAM, 0)};
  auto found = resolve(path, 0, AF_UNIX, *line, wire::clock::now());
  auto addresses = std::get<std::vector<endpoint>>(found);
  CAF_REQUIRE_EQUAL(addresses.size(), 1u);
  CAF_REQUIRE_EQUAL(
    ::bind(peer.get(), reinterpret_cast<sockaddr*>(&addresses[0].address), addresses[0].length), 0);
  CAF_REQUIRE_EQUAL(::listen(peer.get(), 1), 0);
  auto ours = test::dial(line, addresses, forever);
  CAF_CHECK(finish(*ours));
  CAF_CHECK_EQUAL(send(*ours, "x", long_ms), 1);
}

// Nobody else runs while a fiber keeps the loop busy.
CAF_TEST(an answer that lies there when a late loop looks is no timeout) {
  auto both = connected_link();
  std::promise<ssize_t> promise;
  std::string got(1, ' ');
  fiber_loop loop;
  const auto read = [&] { promise.set_value(receive(*both.ours, got, 1, 20)); };
  const auto stall = [&] {
    const auto until = wire::clock::now() + 25ms;
    ::send(both.theirs.get(), "x", 1, MSG_NOSIGNAL);
    while (wire::clock::now() < until)
      ;
  };
  // Begun by work of the loop, so that nothing comes between the two.
  CAF_REQUIRE(loop.post([&] { loop.post(read) && loop.post(stall); }));
  auto result = promise.get_future();
  CAF_REQUIRE(result.wait_for(forever) == std::future_status::ready);
  CAF_CHECK_EQUAL(result.get(), 1);
  CAF_CHECK_EQUAL(got, "x");
}

CAF_TEST_FIXTURE_SCOPE_END()
