// Something to wait for on a loop.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <caf/test/unit_test.hpp>
#include <poll.h>
#include <sys/socket.h>

#include "moor/mongo/fiber_loop.hpp"
#include "support/descriptor.hpp"

namespace moor::mongo {

inline constexpr auto never = fiber_loop::clock::time_point::max();

/// Both ends of a connection, the first of which is used on a loop.
struct line {
  line() {
    std::array<int, 2> ends{};
    CAF_REQUIRE_EQUAL(
      ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    ours = test::descriptor{ends[0]};
    theirs = test::descriptor{ends[1]};
  }

  fiber_loop::outcome wait(short events, fiber_loop::clock::time_point until = never) {
    const fiber_loop::interest what{ours.get(), events, &note};
    return fiber_loop::here{}.wait({&what, 1}, until);
  }

  /// One byte, waited for on a fiber. Nothing if the wait ended otherwise.
  std::optional<char> read() {
    char byte = 0;
    while (::recv(ours.get(), &byte, 1, 0) != 1)
      if (wait(POLLIN) != fiber_loop::outcome::ready)
        return std::nullopt;
    return byte;
  }

  void say(char byte) const { CAF_REQUIRE_EQUAL(::send(theirs.get(), &byte, 1, MSG_NOSIGNAL), 1); }

  test::descriptor ours;
  test::descriptor theirs;
  std::uint32_t note = 0;
};

} // namespace moor::mongo
