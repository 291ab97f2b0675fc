// How the model judges what a pool orders and answers.
#include <variant>

#include "machines/pool_model.hpp"

namespace moor::test {

void pool_model::take(const machines::pool_effect& effect) {
  std::visit([this](const auto& e) { on(e); }, effect);
}

void pool_model::on(const machines::grant& e) {
  const auto& x = expected_.granted;
  require(x && x->request == e.request && x->lease == e.lease && x->connection == e.connection,
          "granted without the event that says so", e.request);
  expected_.granted.reset();
}

bool pool_model::may_refuse_check_out(errc code) const {
  switch (expected_.reason) {
    case event_reason::timeout: return code == errc::wait_queue_timeout;
    case event_reason::borrower_gone: return code == errc::stopped;
    case event_reason::queue_full: return code == errc::queue_full;
    case event_reason::shed: return code == errc::shed;
    case event_reason::pool_closed: return code == (closed_ ? errc::pool_closed : errc::draining);
    case event_reason::connection_error:
      return (code == errc::pool_cleared && !ready_) || (dial_failed_ && code == dial_error_)
             || (code == errc::read_only && expected_.for_primary);
    default: return false;
  }
}

bool pool_model::may_refuse_warm(const warm_wish& w, errc code) const {
  switch (code) {
    case errc::invalid_argument: return w.count > config_.max_pool_size;
    case errc::queue_full: return warms_.size() > config_.wait_queue_limit;
    case errc::wait_queue_timeout: return w.deadline <= now_;
    case errc::pool_cleared: return !ready_;
    case errc::pool_closed: return closed_;
    case errc::draining: return !drains_.empty();
    default: return dial_failed_ && code == dial_error_;
  }
}

void pool_model::on(const machines::refuse& e) {
  const auto code = e.why.code;
  if (expected_.refused == e.request) {
    require(may_refuse_check_out(code), "refused with the wrong error", e.request);
    if (code == errc::shed)
      count_shed(e);
    // Only one request pays for a failed dial.
    if (dial_failed_ && code == dial_error_ && code != errc::pool_cleared) {
      require(!dial_blamed_, "a second request refused for one dial", e.request);
      dial_blamed_ = true;
    }
    expected_.refused = 0;
  } else if (const auto warm = warms_.find(e.request); warm != warms_.end()) {
    require(may_refuse_warm(warm->second, code), "warm refused without cause", e.request);
    warms_.erase(warm);
    if (in_.request == e.request)
      population_rests_ = rested_before_;
  } else {
    require(drains_.erase(e.request) == 1, "refused what did not wait", e.request);
    require(code == errc::queue_full && drains_.size() >= config_.wait_queue_limit,
            "drain refused without cause", e.request);
  }
}

void pool_model::on(const machines::open_connection& e) {
  const auto found = connections_.find(e.connection);
  require(found != connections_.end() && found->second.at == place::created,
          "dialled without the event that says so", e.connection);
  found->second.at = place::dialled;
}

void pool_model::on(const machines::abandon_connection& e) {
  const auto found = connections_.find(e.connection);
  require(found != connections_.end() && found->second.at == place::dialled,
          "abandoned what is not being dialled", e.connection);
  found->second.doomed = true;
}

void pool_model::on(const machines::ping_connection& e) {
  const auto found = connections_.find(e.connection);
  require(found != connections_.end() && found->second.at == place::idle,
          "pinged a connection that is not the pool's to use", e.connection);
  auto& c = found->second;
  const auto keepalive = in_.kind == input_kind::run_background
                         && config_.keepalive > duration::zero()
                         && now_ - c.proven_at >= config_.keepalive;
  const auto pings = count(place::pinged, generation_);
  require(keepalive || (!is_fresh(c) && pings < wishes_.size()), "pinged without need",
          e.connection);
  require(is_sound(c), "pinged a connection that perished", e.connection);
  c.at = place::pinged;
}

void pool_model::on(const machines::close_connection& e) {
  require(expected_.closed == e.connection && expected_.lease == 0,
          "closed a connection without the event, or under its holder", e.connection);
  expected_.closed = 0;
  closing_.insert(e.connection);
}

void pool_model::on(const machines::cut_connection& e) {
  const auto expected = expected_.closed == e.connection && expected_.lease == e.lease;
  require(expected || (e.connection == late_arrival_ && e.lease == 0),
          "cut a connection without the event, or another's lease", e.connection);
  (expected ? expected_.closed : late_arrival_) = 0;
  expected_.lease = 0;
}

void pool_model::on(const machines::seek_server&) {
  require(expected_.seek_server, "looked for the server without having been cleared");
  expected_.seek_server = false;
}

void pool_model::on(const machines::report_warm& e) {
  const auto found = warms_.find(e.request);
  require(found != warms_.end(), "reported a warm that did not wait", e.request);
  require(e.established == connections_.size() - dialled() && e.established >= found->second.count,
          "reported warm with the wrong count", e.request);
  require(found->second.deadline > now_, "reported warm after its deadline", e.request);
  warms_.erase(found);
}

void pool_model::on(const machines::report_drained& e) {
  const auto found = drains_.find(e.request);
  require(found != drains_.end(), "reported a drain that did not wait", e.request);
  const auto& d = found->second;
  require(leases_.empty(), "reported drained with leases out", e.request);
  require(e.returned == totals_.returned - d.returned && e.returned + e.cut_off == d.out,
          "reported drained with the wrong counts", e.request);
  drains_.erase(found);
}

} // namespace moor::test
