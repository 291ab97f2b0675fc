#include "moor/machines/connector.hpp"

#include <algorithm>
#include <utility>

#include "moor/machines/backoff.hpp"
#include "moor/machines/primary_change.hpp"
#include "moor/messages/overload.hpp"

namespace moor::machines {

namespace {

/// Trying again cannot help until somebody mends something.
bool is_lasting(const failure& why) {
  return why.code == errc::authentication_failed || why.code == errc::tls_failed
         || why.code == errc::invalid_argument;
}

} // namespace

void connector::send_probe(connector_effects& out) {
  next_probe_ = no_deadline;
  probing_ = true;
  outdated_ = false;
  out.emplace_back(probe{});
}

void connector::wait(double draw, instant now) {
  if (probing_) // its end decides
    return;
  next_probe_ = now + backoff_delay(policy_, failures_, draw);
}

void connector::wait_for_return(const failure& why, double draw, instant now) {
  if (probing_)
    return;
  // Each attempt costs the server a key derivation or a handshake, and may lock the account.
  // Whoever lost the same server was spread out by the random delays before.
  if (is_lasting(why) && lasting_failures_ >= policy_.attempts) {
    next_probe_ = now + policy_.longest_delay;
    return;
  }
  // A server that answers with a refusal is there, and is asked at the usual pace.
  if (why.reach == spoils::generation || is_lasting(why))
    return wait(draw, now);
  next_probe_ = now + reconnect_delay(policy_, failures_, now - lost_at_, draw);
}

void connector::note_cause(const failure& why, connector_effects& out) {
  if (why.text == said_.text || !(is_lasting(why) || is_lasting(said_)))
    return;
  said_ = why;
  out.emplace_back(announce_cause{why});
}

void connector::lose(const failure& why, double draw, instant now, connector_effects& out) {
  phase_ = phase::reconnecting;
  lost_at_ = now;
  said_ = why;
  out.emplace_back(announce_lost{why});
  wait_for_return(why, draw, now);
}

/// What was established so far believes in a primary that is gone, or in none. One probe more, for
/// between two of them the pool must be paused, so that whoever watches it looks anew.
void connector::change_primary(bool read_only, instant now, connector_effects& out) {
  phase_ = phase::reconnecting;
  lost_at_ = now;
  failures_ = 0;
  last_ = said_ = primary_change(read_only);
  out.emplace_back(announce_lost{last_});
  send_probe(out);
}

void connector::start(connector_effects& out) {
  if (phase_ != phase::idle)
    return;
  phase_ = phase::starting;
  attempts_ = 1;
  failures_ = 0;
  send_probe(out);
}

void connector::probe_succeeded(bool read_only, double draw, instant now, connector_effects& out) {
  probing_ = false;
  lasting_failures_ = 0;
  switch (phase_) {
    case phase::idle: return;
    case phase::connected:
    case phase::verifying:
      if (std::exchange(unheard_, false))
        out.emplace_back(announce_found{false, read_only});
      else if (read_only != read_only_)
        return change_primary(read_only, now, out);
      break;
    case phase::starting: lost_at_ = now; [[fallthrough]];
    case phase::reconnecting:
      out.emplace_back(announce_found{was_connected_, read_only});
      was_connected_ = true;
      break;
  }
  phase_ = phase::connected;
  read_only_ = read_only;
  failures_ = read_only ? failures_ + 1 : 0;
  if (read_only) // found, but not all of it: the search goes on
    next_probe_ = now + reconnect_delay(policy_, failures_, now - lost_at_, draw);
}

void connector::probe_failed(const failure& why, double draw, instant now, connector_effects& out) {
  probing_ = false;
  if (outdated_ && phase_ != phase::idle)
    return send_probe(out);
  if (phase_ == phase::reconnecting)
    note_cause(why, out);
  last_ = why;
  ++failures_;
  lasting_failures_ += is_lasting(why) ? 1 : 0;
  switch (phase_) {
    case phase::idle: return;
    case phase::connected:
      // The pool reads on: what fails there is judged by itself.
      if (read_only_)
        wait_for_return(why, draw, now);
      return;
    case phase::starting:
      if (attempts_ >= policy_.attempts || is_lasting(why)) {
        phase_ = phase::idle;
        out.emplace_back(give_up{why, attempts_});
        return;
      }
      wait(draw, now);
      return;
    case phase::verifying:
      // It answered, though not as wished: that is no server that was lost.
      if (!is_overload(why) || unheard_)
        return lose(why, draw, now, out);
      phase_ = phase::connected;
      if (read_only_)
        wait_for_return(why, draw, now);
      return;
    case phase::reconnecting: wait_for_return(why, draw, now); return;
  }
}

void connector::establishing_succeeded() {
  establishing_failures_ = 0;
  establishing_lasts_ = false;
}

void connector::establishing_failed(const failure& why, double draw, instant now,
                                    connector_effects& out) {
  if (is_overload(why))
    return; // the server is there, and must not be asked for more
  ++establishing_failures_;
  establishing_lasts_ = is_lasting(why);
  // A failure that spoils the generation clears the pool by itself, and `pool_cleared` follows.
  if (phase_ != phase::connected || why.reach == spoils::generation)
    return;
  // The server may let a probe in and refuse what follows: that, too, must come to an end.
  if (establishing_failures_ >= policy_.attempts) {
    establishing_failures_ = 0;
    ++failures_;
    lose(why, draw, now, out);
    wait(draw, now); // it does answer
    return;
  }
  phase_ = phase::verifying;
  if (!probing_)
    send_probe(out);
}

void connector::pool_cleared(double draw, instant now, connector_effects& out) {
  if (phase_ != phase::connected && phase_ != phase::verifying)
    return;
  phase_ = phase::reconnecting;
  lost_at_ = now;
  said_ = {}; // somebody else said it
  if (probing_)
    return;
  // Where probes succeed and establishing does not, only the delay keeps this from spinning.
  if (establishing_failures_ > 1) {
    failures_ = establishing_failures_;
    if (establishing_lasts_ && establishing_failures_ >= policy_.attempts)
      next_probe_ = now + policy_.longest_delay;
    else
      wait(draw, now);
  } else {
    send_probe(out);
  }
}

void connector::adopt(bool probe_is_under_way, bool words_may_be_lost, double draw, instant now,
                      connector_effects& out) {
  if (probing_ && !probe_is_under_way)
    send_probe(out);
  if (!words_may_be_lost)
    return;
  switch (phase_) {
    case phase::idle: return;
    case phase::starting:
      if (!probing_ && next_probe_ == no_deadline)
        send_probe(out);
      return;
    case phase::connected:
    case phase::verifying:
      // Not said again unseen: the pool may have been cleared since.
      phase_ = phase::verifying;
      unheard_ = true;
      if (!probing_)
        send_probe(out);
      return;
    case phase::reconnecting:
      said_ = last_;
      out.emplace_back(announce_lost{last_});
      if (!probing_ && next_probe_ == no_deadline)
        wait_for_return(last_, draw, now);
      return;
  }
}

void connector::reconfigure(const retry_settings& policy, bool rotated, instant now,
                            connector_effects& out) {
  policy_ = policy;
  if (rotated) {
    failures_ = establishing_failures_ = 0;
    outdated_ = probing_;
  }
  if (next_probe_ == no_deadline) // none is waited for
    return;
  next_probe_ = std::min(next_probe_, rotated ? now : now + policy.longest_delay);
  timer(now, out);
}

void connector::timer(instant now, connector_effects& out) {
  if (now < next_probe_)
    return;
  if (phase_ == phase::starting)
    ++attempts_;
  send_probe(out);
}

} // namespace moor::machines
