// Who holds what: the leases that borrowers have.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <caf/actor_control_block.hpp>

#include "moor/messages/call_site.hpp"
#include "moor/messages/leases.hpp"

namespace moor::actors {

/// What a borrower said of the lease he asks for, beside its operation.
struct lease_terms {
  bool dedicated = false;
  bool tell_when_overdue = false;
  duration leak_after{0};
  call_site where;
};

/// The books that the leak detector looks at. Used on its actor's thread only.
class lease_book {
public:
  /// Leases that ended late and were not told of yet, and revoked ones that are remembered.
  static constexpr std::size_t most_remembered = 1'000;

  /// A lease began; `pools_threshold` is for terms without one of their own.
  void begin(lease_id lease, connection_id connection, std::string operation, lease_terms terms,
             const caf::strong_actor_ptr& borrower, duration pools_threshold, instant now);

  /// It ended, if it was there; revoked, if that was noted before.
  void end(lease_id lease, instant now);

  /// It is needed for so much longer, from now on.
  void extend(lease_id lease, duration by, instant now);

  /// Whether it is out and was held for longer than it may be.
  bool is_overdue(lease_id lease, instant now) const;

  /// The detector had it taken away: from now on its borrower is told so.
  void note_revoked(lease_id lease, std::string why);
  /// Why, if it was.
  const std::string* revoked(lease_id lease) const;

  bool empty() const noexcept { return entries_.empty(); }

  /// The oldest first.
  std::vector<lease_record> out(instant now) const;

  /// What is out, and what ended late since the first `seen` of those.
  lease_roll roll(std::uint64_t seen, instant now) const;

  /// Whom to tell of an overdue lease, and what; nobody if it is not out or he did not ask for it.
  struct reminder {
    caf::strong_actor_ptr borrower;
    lease_overdue what;
  };
  std::optional<reminder> remind(lease_id lease, duration answer_within, instant now) const;

private:
  struct entry {
    connection_id connection = 0;
    std::string operation;
    lease_terms terms;
    caf::weak_actor_ptr borrower;
    std::uint64_t borrower_id = 0;
    instant since{};
    duration threshold{0}; // the first one: what is held longer ends late
    duration extended{0};  // the one in force, if larger
  };

  static std::string stack_of(const entry& e, duration held);
  static lease_record record_of(lease_id lease, const entry& e, instant now);

  std::unordered_map<lease_id, entry> entries_;
  std::deque<leak> late_;
  std::uint64_t late_total_ = 0;
  std::deque<std::pair<lease_id, std::string>> revoked_;
};

} // namespace moor::actors
