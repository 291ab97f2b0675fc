// Which leases are out, and which of them are held for too long. (docs/observability.md, "Leaks")
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "moor/config/duration.hpp"
#include "moor/messages/ids.hpp"

namespace moor {

/// What a connection is lent for. Only what a borrower holds can leak: work has its deadline.
enum class lease_use : std::uint8_t { held, run, command };

/// "held", "run" or "command".
std::string_view to_string(lease_use use) noexcept;

/// One lease that is out.
struct lease_record {
  lease_id lease = 0;
  connection_id connection = 0;
  lease_use use = lease_use::held;
  bool dedicated = false; ///< held long by intent: never suspected
  std::string operation = {};
  std::uint64_t borrower = 0; ///< the actor's id; 0 if it did not say who it is
  std::string borrower_name;  ///< as it calls itself; empty if it did not say
  duration held{0};           ///< so far, or in all for one that came back
  std::int64_t since_unix_ms = 0;
  duration threshold{0}; ///< held for longer, it is suspected; 0 = never
  bool asked_to_be_told = false;
  std::string where = {}; ///< "orders.cpp:42 (place_order)": where the borrower asked; may be empty
  std::string stack = {}; ///< of that place, one frame per line; empty unless it was recorded

  friend bool operator==(const lease_record&, const lease_record&) = default;
};

/// Asks for everything that is out, the oldest first.
struct get_leases {};
struct leases_report {
  std::vector<lease_record> leases;
};

/// borrower → pool: the lease is needed for so much longer, from now on; at most `longest_timeout`.
/// Nothing happens if it is not out.
struct extend_lease {
  lease_id lease = 0;
  duration by{0};
};

/// pool → borrower who asked to be told (`acquire::tell_when_overdue`): return the lease, or extend
/// it, or it is reported as a leak.
struct lease_overdue {
  lease_id lease = 0;
  std::string operation;
  duration held{0};
  duration answer_within{0};
};

/// What became of a lease that was reported as a leak.
enum class leak_outcome : std::uint8_t { out, returned_late, revoked };

/// "out", "returned_late" or "revoked".
std::string_view to_string(leak_outcome outcome) noexcept;

struct leak {
  lease_record lease; ///< `held` is that at the report; for what came back, in all
  leak_outcome outcome = leak_outcome::out;
};

/// Asks what the leak detector knows.
struct get_leaks {};
struct leaks_report {
  std::uint64_t suspected = 0; ///< leases reported as leaks; this and all below are totals
  std::uint64_t returned_late = 0;
  std::uint64_t revoked = 0; ///< by the detector
  std::uint64_t told = 0;    ///< borrowers told before a report
  std::uint64_t out_now = 0; ///< of those suspected (not a total)
  std::vector<leak> latest;  ///< at most 25, the newest last
};

// -- pool supervisor ↔ leak detector --------------------------------------------------------------

/// detector → pool: say what is out, and what ended late since; answered with `lease_roll`.
struct call_the_roll {
  std::uint64_t seen = 0; ///< late ends told before: `lease_roll::late` of the last roll
};
/// pool → detector.
struct lease_roll {
  std::vector<lease_record> out; ///< those that borrowers hold, the oldest first
  std::vector<leak> ended;       ///< held for longer than their threshold, and ended since, and how
  std::uint64_t late = 0;        ///< leases that ended so, in all
};
/// detector → pool: send that lease's borrower `lease_overdue`.
struct tell_borrower {
  lease_id lease = 0;
  duration answer_within{0};
};
/// detector → pool: take that lease's connection away.
struct revoke_lease {
  lease_id lease = 0;
  std::string why;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, lease_record& x) {
  return f(x.lease, x.connection, x.use, x.dedicated, x.operation, x.borrower, x.borrower_name,
           x.held, x.since_unix_ms, x.threshold, x.asked_to_be_told, x.where, x.stack);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_leases&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, leases_report& x) {
  return f(x.leases);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, extend_lease& x) {
  return f(x.lease, x.by);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, lease_overdue& x) {
  return f(x.lease, x.operation, x.held, x.answer_within);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, leak& x) {
  return f(x.lease, x.outcome);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_leaks&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, leaks_report& x) {
  return f(x.suspected, x.returned_late, x.revoked, x.told, x.out_now, x.latest);
}

} // namespace moor
