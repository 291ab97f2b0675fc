#define CAF_SUITE mongo_unreachable

// Connections to servers that are none.

#include <functional>
#include <string>
#include <thread>

#include <caf/test/unit_test.hpp>

#include "mongo/peers.hpp"
#include "moor/mongo/bson.hpp"
#include "moor/mongo/driver.hpp"
#include "moor/mongo/library.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace std::chrono_literals;
using test::forever;

namespace {

std::shared_ptr<connection> connection_for(const std::string& uri, duration connect_timeout) {
  settings from;
  from.uri = uri;
  from.connect_timeout = connect_timeout;
  auto made = make_driver(from);
  if (const auto* problem = std::get_if<failure>(&made))
    CAF_FAIL(problem->text);
  return std::get<std::shared_ptr<driver>>(made)->make_connection();
}

std::shared_ptr<connection> connection_to(const std::string& hosts, duration connect_timeout,
                                          const std::string& options = {}) {
  return connection_for("mongodb://" + hosts + "/" + options, connect_timeout);
}

/// Takes one connection, does with it what the test says, and ends with the object.
class peer {
public:
  explicit peer(std::function<void(int)> deed)
    : thread_{[this, deed = std::move(deed)] {
        const auto theirs = listener_.accept();
        deed(theirs.get());
      }} {}
  ~peer() { thread_.join(); }

  std::string address() const { return listener_.address(); }

private:
  test::listener listener_;
  std::thread thread_;
};

void wait_for_end(int socket) {
  char bytes[1024];
  while (::recv(socket, bytes, sizeof bytes, 0) > 0) {
  }
}

void check_failed(const std::optional<failure>& got, const std::string& text) {
  CAF_REQUIRE(got.has_value());
  CAF_CHECK_EQUAL(to_string(got->code), to_string(errc::connect_failed));
  CAF_CHECK(got->reach == spoils::connection);
  CAF_CHECK_EQUAL(got->text, text);
}

} // namespace

CAF_TEST(nobody listens) {
  const std::string address = test::listener{}.address();
  check_failed(connection_to(address, forever)->establish(),
               "cannot connect to " + address + ": Connection refused");
}

CAF_TEST(the host has no address) {
  const auto got = connection_to("no-such-host.invalid", forever)->establish();
  CAF_REQUIRE(got.has_value());
  CAF_CHECK(got->code == errc::connect_failed);
  CAF_CHECK(got->text.starts_with("cannot resolve the host name no-such-host.invalid: "));
}

CAF_TEST(the path is no socket) {
  check_failed(connection_to("%2Fno%2Fsuch.sock", forever)->establish(),
               "cannot connect to /no/such.sock: No such file or directory");
}

CAF_TEST(nobody answers the dial) {
  const test::black_hole hole;
  check_failed(connection_to(hole.address(), 100ms)->establish(),
               hole.address() + " did not accept a connection in time");
}

CAF_TEST(nobody answers the handshake) {
  const peer silent{wait_for_end};
  check_failed(connection_to(silent.address(), 100ms)->establish(),
               silent.address() + " did not answer in time");
}

CAF_TEST(nobody answers the TLS handshake) {
  const peer silent{wait_for_end};
  check_failed(connection_to(silent.address(), 100ms, "?tls=true")->establish(),
               silent.address() + " (TLS) did not answer in time");
}

CAF_TEST(the other side closes at once) {
  const peer curt{[](int) {}};
  const auto got = connection_to(curt.address(), forever)->establish();
  CAF_REQUIRE(got.has_value());
  CAF_CHECK(got->code == errc::connect_failed);
  CAF_CHECK(got->reach == spoils::connection);
}

CAF_TEST(the other side speaks another language) {
  const peer odd{[](int socket) {
    ::send(socket, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, MSG_NOSIGNAL);
    wait_for_end(socket);
  }};
  const auto got = connection_to(odd.address(), forever)->establish();
  CAF_REQUIRE(got.has_value());
  CAF_CHECK(got->code == errc::connect_failed);
  CAF_CHECK(got->reach == spoils::connection);
}

CAF_TEST(a lookup of servers that finds none) {
  const auto got = connection_for("mongodb+srv://no.such-host.invalid/", 1s)->establish();
  CAF_REQUIRE(got.has_value());
  CAF_MESSAGE(got->text);
  CAF_CHECK(got->code == errc::connect_failed);
  CAF_CHECK(got->reach == spoils::connection);
  // Whether the resolver says no or says nothing.
  CAF_CHECK(got->text.starts_with("the lookup of the servers of no.such-host.invalid in the DNS "));
}

CAF_TEST(an interrupt before a lookup of servers) {
  const auto ours = connection_for("mongodb+srv://no.such-host.invalid/", forever);
  ours->interrupt();
  check_failed(ours->establish(),
               "the lookup of the servers of no.such-host.invalid in the DNS was interrupted");
}

CAF_TEST(an interrupt before everything) {
  const test::black_hole hole;
  const auto ours = connection_to(hole.address(), forever);
  CAF_CHECK(!ours->interrupted());
  ours->interrupt();
  CAF_CHECK(ours->interrupted());
  check_failed(ours->establish(), "the dial to " + hole.address() + " was interrupted");
}

CAF_TEST(an interrupt during the dial) {
  const test::black_hole hole;
  for (int i = 0; i < 20; ++i) {
    const auto ours = connection_to(hole.address(), forever);
    std::thread other{[&] { ours->interrupt(); }};
    const auto got = ours->establish();
    other.join();
    CAF_REQUIRE(got.has_value());
    CAF_CHECK(got->code == errc::connect_failed);
    CAF_CHECK(got->text.ends_with("was interrupted"));
  }
}

CAF_TEST(an interrupt during the handshake) {
  const peer silent{wait_for_end};
  const auto ours = connection_to(silent.address(), forever);
  std::thread other{[&] { ours->interrupt(); }};
  const auto got = ours->establish();
  other.join();
  CAF_REQUIRE(got.has_value());
  CAF_CHECK(got->code == errc::connect_failed);
  CAF_CHECK(got->text.ends_with("was interrupted"));
  if (got->text.starts_with("the dial")) // the peer waits for somebody
    connection_to(silent.address(), 100ms)->establish();
}

CAF_TEST(commands that cannot be sent are refused without harm) {
  const auto ours = connection_to("127.0.0.1:1", forever);
  const auto ping = std::get<document>(from_json("{\"ping\": 1}"));
  const auto text_of = [](const std::variant<document, failure>& got) {
    const auto* problem = std::get_if<failure>(&got);
    if (problem == nullptr)
      return std::string{"accepted"};
    CAF_CHECK(problem->code == errc::invalid_argument);
    CAF_CHECK(problem->reach == spoils::nothing);
    return problem->text;
  };
  CAF_CHECK(text_of(ours->command("", ping)).starts_with("the database name is empty"));
  CAF_CHECK(text_of(ours->command("a.b", ping)).starts_with("the database name must hold none"));
  CAF_CHECK(text_of(ours->command("db", {})).starts_with("the document is not BSON"));
  CAF_CHECK(text_of(ours->command("db", std::get<document>(from_json("{}"))))
              .starts_with("the command is an empty document"));
  CAF_CHECK_EQUAL(text_of(ours->command("db", ping)), "the connection is not established");
  CAF_CHECK(!ours->take_failure().has_value());
}
