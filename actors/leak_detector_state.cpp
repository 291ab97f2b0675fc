#include "moor/actors/leak_detector_state.hpp"

#include <utility>

#include "moor/actors/leak_lines.hpp"

namespace moor::actors {

leak_detector_state::leak_detector_state(leak_detector_options options, caf::weak_actor_ptr address,
                                         caf::weak_actor_ptr pool)
  : options_(std::move(options)),
    address_(std::move(address)),
    pool_(std::move(pool)),
    ledger_(options_.config.leaks) {}

void leak_detector_state::take_over(self_ptr self, bool) {
  self_ = self;
  alarm_.reset();
  rests_ = false;
  finish(); // what the last one had begun
  schedule();
}

void leak_detector_state::schedule() {
  alarm_.set(self_, now() + options_.config.leaks.scan_interval);
}

void leak_detector_state::on(const tick& message) {
  if (!alarm_.rings(message) || rests_)
    return;
  // A roll that is lost on its way is called again at the next scan.
  tell_pool(call_the_roll{late_seen_});
  schedule();
}

void leak_detector_state::on(const lease_roll& roll) {
  // One that was called before the last was answered would tell of the same endings again, which
  // the ledger does not mind.
  late_seen_ = roll.late;
  rests_ = roll.out.empty();
  ledger_.look(roll.out, roll.ended, now(), effects_.out());
  finish();
  if (!rests_)
    schedule();
}

void leak_detector_state::on(const reconfigure& message) {
  options_.config = *message.config;
  ledger_.reconfigure(options_.config.leaks);
  schedule(); // earlier, if looks are to be more frequent
}

void leak_detector_state::finish() {
  effects_.carry_out(options_.may_fail, name, [this](const auto& what) { apply(what); });
}

void leak_detector_state::apply(const machines::warn_borrower& e) {
  tell_pool(tell_borrower{e.lease, options_.config.leaks.grace});
}

void leak_detector_state::apply(const machines::report_leaks& e) const {
  for (const auto& line : lines_about(options_.config.name, e))
    options_.log(log_level::error, line);
}

void leak_detector_state::apply(const machines::report_ended& e) const {
  options_.log(log_level::warning, line_about(options_.config.name, e));
}

void leak_detector_state::apply(const machines::revoke_leak& e) {
  tell_pool(revoke_lease{e.lease, e.why});
  options_.log(log_level::warning, line_about(options_.config.name, e));
}

} // namespace moor::actors
