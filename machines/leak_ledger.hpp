// Which leases are held for too long, and what is done about it: told, reported, revoked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "moor/config/settings.hpp"
#include "moor/messages/leases.hpp"

namespace moor::machines {

/// Tell the borrower, who asked for that, before the lease is reported.
struct warn_borrower {
  lease_id lease = 0;
};
/// These were found at one look, each for the first time, the oldest first.
struct report_leaks {
  std::vector<lease_record> leases;
};
/// One that was reported has ended.
struct report_ended {
  lease_record lease;
  leak_outcome outcome = leak_outcome::returned_late;
};
struct revoke_leak {
  lease_id lease = 0;
  std::string why;
};

using leak_effect = std::variant<warn_borrower, report_leaks, report_ended, revoke_leak>;
using leak_effects = std::vector<leak_effect>;

/// Looks at what is out, again and again; a lease that is overdue and extended meanwhile begins
/// anew, except that nothing is reported twice. Used by one thread at a time.
class leak_ledger {
public:
  /// The latest leaks that are kept.
  static constexpr std::size_t most_latest = 25;

  explicit leak_ledger(const leak_settings& config) : config_(config) {}

  /// Other rules are in force, also for what is suspected already.
  void reconfigure(const leak_settings& config) { config_ = config; }

  /// `out` are the leases that borrowers hold now, the oldest first; `ended` those that ended late
  /// since the last look. How they did is the pool's to say: an order to revoke one may have come
  /// after its return. A lease in neither has ended without a word, and counts as returned.
  void look(const std::vector<lease_record>& out, const std::vector<leak>& ended, instant now,
            leak_effects& effects);

  leaks_report report() const;

private:
  struct suspect {
    lease_record latest; // as seen last
    std::optional<instant> warned;
    std::optional<instant> due; // its threshold is over, and nobody is to be told any more
    bool reported = false;
    bool ordered = false; // to be revoked
    bool seen = false;    // at this look
  };

  void judge(const lease_record& lease, instant now, report_leaks& found, leak_effects& effects);
  bool may_report(suspect& s, instant now, leak_effects& effects);
  void revoke_if_due(suspect& s, instant now, leak_effects& effects);
  void end(const leak& ended, leak_effects& effects);
  void keep(const lease_record& lease);

  leak_settings config_;
  std::map<lease_id, suspect> suspects_; // those out that are overdue, or were reported
  std::deque<instant> revocations_;      // within the last `grace`
  std::deque<leak> latest_;
  leaks_report totals_; // all but `latest` and `out_now`
};

} // namespace moor::machines
