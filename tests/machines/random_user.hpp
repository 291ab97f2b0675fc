// Somebody who uses a pool at random: borrows, returns, dials, pings, and is late, wrong or dead.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "machines/pool_input.hpp"

namespace moor::test {

/// Knows the pool by its orders alone. The same seed and the same orders give the same events.
class random_user {
public:
  /// `reloads`: now and then it changes the settings.
  random_user(const settings& config, std::uint64_t seed, bool reloads)
    : config_(config), first_(config), reloads_(reloads), random_(seed) {}

  /// The next event; `next_deadline` is the pool's.
  pool_input next(instant next_deadline);

  /// An event that ends one of what is still under way, so that in the end nothing is; the last
  /// ones expire. Returns false if there was none left.
  bool next_ending(pool_input& in);

  /// What the pool did: it may be an order to remember.
  void take(const machines::pool_effect& effect);

private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t bound) { return below(bound) == 0; }

  void pass_time(instant next_deadline);
  input_kind any_kind();
  bool has_reason_for(input_kind kind) const;
  void complete(pool_input& in);
  failure any_failure();
  settings any_settings();
  duration any_timeout();
  /// One of a list, taken out of it, or now and then a number that is none of its business.
  std::uint64_t take_one(std::vector<std::uint64_t>& list, bool keep);

  settings config_; // in force
  settings first_;
  bool reloads_;
  std::mt19937_64 random_;
  instant now_{std::chrono::hours{1}};
  request_id last_request_ = 0;
  std::vector<std::uint64_t> dials_;
  std::vector<std::uint64_t> goodbyes_;    // under way, wanted or not
  std::vector<std::uint64_t> pings_;       // under way, wanted or not
  std::vector<std::uint64_t> leases_;      // held, revoked or not
  std::vector<std::uint64_t> established_; // connections, closed or not
};

} // namespace moor::test
