// Sockets of 127.0.0.1 that do not block, for servers that tests run in their own process.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include <netinet/in.h>
#include <poll.h>

#include "support/descriptor.hpp"

namespace moor::test {

/// The address of a port of 127.0.0.1.
sockaddr_in loopback(std::uint16_t port) noexcept;

/// A TCP socket, not bound.
descriptor make_socket();

/// Bound to a port, or to a free one for 0. It may be bound while others are that do not listen,
/// and again after connections on it: one that never listens keeps the port for one that comes and
/// goes. Throws `std::system_error`, as the next two do.
descriptor bound_socket(std::uint16_t port);

/// Bound and listening. Closing it resets what waits to be accepted.
descriptor listening_socket(std::uint16_t port);

std::uint16_t port_of(const descriptor& socket);

/// The next connection of a listener. Throws `std::system_error` if there is none, or no
/// descriptor is free for it.
descriptor accept_from(const descriptor& listener);

/// Small messages both ways: none may wait for the acknowledgement of the one before.
void send_at_once(const descriptor& socket) noexcept;

/// The end of this socket will be a reset.
void close_by_reset(const descriptor& socket) noexcept;

/// Of a call that failed and does not block: whether it may succeed later. Reads `errno`.
bool passing_trouble() noexcept;

/// Polls until something happens or that time has come; nothing is reported if a signal came first.
void poll_until(std::chrono::steady_clock::time_point when, std::vector<pollfd>& entries) noexcept;

} // namespace moor::test
