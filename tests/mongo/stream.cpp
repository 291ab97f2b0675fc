#define CAF_SUITE mongo_stream

#include "moor/mongo/stream.hpp"

#include <string>
#include <thread>

#include <caf/test/unit_test.hpp>

#include "mongo/peers.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace std::chrono_literals;
using test::forever;
using test::poll_one;

namespace {

constexpr std::int32_t long_ms = std::chrono::milliseconds{forever}.count();

struct fixture {
  std::shared_ptr<wire> line = std::make_shared<wire>();

  stream_owner dialing(const test::listener& to, std::chrono::milliseconds limit) {
    return make_stream(test::dial(line, {to.endpoint()}, limit));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(stream_tests, fixture)

CAF_TEST(libmongoc reads and writes through it) {
  const test::listener peer;
  const auto stream = test::connect(line, peer);
  const auto theirs = peer.accept();
  std::string text = "hello";
  CAF_CHECK_EQUAL(mongoc_stream_write(stream.get(), text.data(), 5, long_ms), 5);
  CAF_CHECK_EQUAL(::recv(theirs.get(), text.data(), 5, MSG_WAITALL), 5);
  CAF_CHECK_EQUAL(poll_one(stream.get(), POLLIN, 0ms), 0);
  ::send(theirs.get(), "world", 5, 0);
  CAF_CHECK_EQUAL(poll_one(stream.get(), POLLIN, forever), POLLIN);
  CAF_CHECK_EQUAL(mongoc_stream_read(stream.get(), text.data(), 5, 5, long_ms), 5);
  CAF_CHECK_EQUAL(text, "world");
}

CAF_TEST(what was received already is not waited for) {
  const test::listener peer;
  const auto stream = test::connect(line, peer);
  const auto theirs = peer.accept();
  ::send(theirs.get(), "hello", 5, 0);
  std::string text(5, ' ');
  CAF_CHECK_EQUAL(mongoc_stream_read(stream.get(), text.data(), 1, 1, long_ms), 1);
  CAF_CHECK_EQUAL(poll_one(stream.get(), POLLIN, forever), POLLIN);
  CAF_CHECK_EQUAL(mongoc_stream_read(stream.get(), text.data() + 1, 4, 4, long_ms), 4);
  CAF_CHECK_EQUAL(text, "hello");
  CAF_CHECK_EQUAL(poll_one(stream.get(), POLLIN, 0ms), 0);
}

CAF_TEST(it tells silence from an end and from nothing yet) {
  const test::listener peer;
  const auto stream = test::connect(line, peer);
  auto theirs = peer.accept();
  char byte = 0;
  CAF_CHECK_EQUAL(mongoc_stream_read(stream.get(), &byte, 1, 0, 0), 0);
  CAF_CHECK(mongoc_stream_should_retry(stream.get()));
  CAF_CHECK(!mongoc_stream_timed_out(stream.get()));
  CAF_CHECK_EQUAL(mongoc_stream_read(stream.get(), &byte, 1, 1, 20), -1);
  CAF_CHECK(!mongoc_stream_should_retry(stream.get()));
  CAF_CHECK(mongoc_stream_timed_out(stream.get()));
  CAF_CHECK(!mongoc_stream_check_closed(stream.get()));
  theirs = {};
  CAF_CHECK_EQUAL(mongoc_stream_read(stream.get(), &byte, 1, 1, long_ms), -1);
  CAF_CHECK(!mongoc_stream_should_retry(stream.get()));
  CAF_CHECK(!mongoc_stream_timed_out(stream.get()));
  CAF_CHECK(mongoc_stream_check_closed(stream.get()));
}

CAF_TEST(of several dials the first to be answered is reported) {
  const test::black_hole hole;
  const test::listener peer;
  const auto silent = dialing(hole, forever);
  const auto lively = dialing(peer, forever);
  mongoc_stream_poll_t entries[] = {{silent.get(), POLLOUT, 0}, {lively.get(), POLLOUT, 0}};
  CAF_CHECK_EQUAL(mongoc_stream_poll(entries, 2, long_ms), 1);
  CAF_CHECK_EQUAL(entries[0].revents, 0);
  CAF_CHECK_EQUAL(entries[1].revents, POLLOUT);
}

CAF_TEST(a dial that nobody answers fails at its time) {
  const test::black_hole hole;
  const auto stream = dialing(hole, 50ms);
  CAF_CHECK_EQUAL(poll_one(stream.get(), POLLOUT, forever), POLLERR | POLLHUP);
  CAF_CHECK(line->trouble().fault == io_fault::timed_out);
}

CAF_TEST(at the deadline of the wire every stream has failed) {
  const test::listener peer;
  const auto first = test::connect(line, peer);
  const auto second = test::connect(line, peer);
  line->set_deadline(wire::clock::now() + 20ms);
  mongoc_stream_poll_t entries[] = {{first.get(), POLLIN, 0}, {second.get(), POLLIN, 0}};
  CAF_CHECK_EQUAL(mongoc_stream_poll(entries, 2, long_ms), 2);
  CAF_CHECK_EQUAL(entries[0].revents, POLLERR);
  CAF_CHECK_EQUAL(entries[1].revents, POLLERR);
}

CAF_TEST(a cut ends a poll whenever it comes) {
  const test::black_hole hole;
  const test::listener peer;
  for (int i = 0; i < 50; ++i) {
    line = std::make_shared<wire>();
    const auto dialed = dialing(hole, forever);
    const auto connected = test::connect(line, peer);
    const auto theirs = peer.accept();
    mongoc_stream_poll_t entries[] = {{dialed.get(), POLLOUT, 0}, {connected.get(), POLLIN, 0}};
    std::thread other{[this] { line->cut(); }};
    CAF_CHECK_GREATER(mongoc_stream_poll(entries, 2, long_ms), 0);
    other.join();
    CAF_CHECK(line->trouble().fault == io_fault::interrupted);
  }
}

CAF_TEST(it works no more after it was closed) {
  const test::listener peer;
  const auto stream = test::connect(line, peer);
  CAF_CHECK_EQUAL(mongoc_stream_close(stream.get()), 0);
  CAF_CHECK_EQUAL(mongoc_stream_close(stream.get()), 0);
  CAF_CHECK(mongoc_stream_check_closed(stream.get()));
  char byte = 0;
  CAF_CHECK_EQUAL(mongoc_stream_read(stream.get(), &byte, 1, 1, long_ms), -1);
}

CAF_TEST_FIXTURE_SCOPE_END()
