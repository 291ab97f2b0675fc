#define CAF_SUITE mongo_wire

#include "moor/mongo/wire.hpp"

#include <caf/test/unit_test.hpp>

#include "mongo/peers.hpp"

using namespace moor;
using namespace moor::mongo;

CAF_TEST(a cut shuts every attached socket down) {
  wire line;
  int pair[2];
  CAF_REQUIRE_EQUAL(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const test::descriptor ours{pair[0]};
  const test::descriptor theirs{pair[1]};
  CAF_CHECK(line.attach(ours.get()));
  CAF_CHECK(!line.is_cut());
  line.cut();
  CAF_CHECK(line.is_cut());
  char byte = 0;
  CAF_CHECK_EQUAL(::recv(theirs.get(), &byte, 1, 0), 0);
}

CAF_TEST(a detached socket is left alone) {
  wire line;
  int pair[2];
  CAF_REQUIRE_EQUAL(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const test::descriptor ours{pair[0]};
  const test::descriptor theirs{pair[1]};
  CAF_CHECK(line.attach(ours.get()));
  line.detach(ours.get());
  line.cut();
  CAF_CHECK_EQUAL(::send(ours.get(), "x", 1, MSG_NOSIGNAL), 1);
}

CAF_TEST(an end is news also behind bytes that nobody read) {
  for (const bool with_bytes : {false, true}) {
    wire line;
    int pair[2];
    CAF_REQUIRE_EQUAL(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    const test::descriptor ours{pair[0]};
    const test::descriptor theirs{pair[1]};
    CAF_REQUIRE(line.attach(ours.get()));
    CAF_CHECK(!line.has_news());
    if (with_bytes)
      CAF_CHECK_EQUAL(::send(theirs.get(), "x", 1, MSG_NOSIGNAL), 1);
    ::shutdown(theirs.get(), SHUT_WR);
    CAF_CHECK(line.has_news());
    line.detach(ours.get());
  }
}

CAF_TEST(a cut wire takes no more sockets) {
  wire line;
  line.cut();
  line.cut();
  CAF_CHECK(!line.attach(0));
}

CAF_TEST(trouble is remembered once per server and until it is forgotten) {
  wire line;
  CAF_CHECK(line.trouble().fault == io_fault::none);
  CAF_CHECK_EQUAL(line.trouble().text, "");
  line.note(io_fault::closed, "a", "a is gone");
  line.note(io_fault::closed, "b", "b is gone");
  line.note(io_fault::timed_out, "a", "a is silent");
  CAF_CHECK(line.trouble().fault == io_fault::timed_out);
  CAF_CHECK_EQUAL(line.trouble().text, "a is silent; b is gone");
  line.forget_trouble();
  CAF_CHECK(line.trouble().fault == io_fault::none);
  CAF_CHECK_EQUAL(line.trouble().text, "");
}

CAF_TEST(the memory for trouble is bounded) {
  wire line;
  for (int i = 0; i < 1000; ++i)
    line.note(io_fault::closed, std::to_string(i), "0123456789");
  CAF_CHECK_LESS(line.trouble().text.size(), 100u);
}
