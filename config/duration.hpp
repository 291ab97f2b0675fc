// Time as moor's decisions see it: a point on the monotonic clock and a span, both in nanoseconds.
//
// These are types only. Nothing in config/, messages/ or machines/ reads a clock: an actor stamps
// the time and hands it in, so that every decision can be tested under a time of the test's
// choosing.
#pragma once

#include <chrono>

namespace moor {

/// A span of time in nanoseconds. Negative spans are refused wherever a setting or request carries
/// one.
using duration = std::chrono::nanoseconds;

/// A point on the monotonic clock; the same type as `caf::actor_clock::time_point`.
using instant = std::chrono::time_point<std::chrono::steady_clock, duration>;

/// "Never", for deadlines that do not apply.
inline constexpr instant no_deadline = instant::max();

} // namespace moor
