// A pool machine with a clock of its own, and in words what it did and answered.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "moor/machines/pool.hpp"

namespace moor::test {

using namespace std::chrono_literals;

/// At most 2 connections, none kept, no aging, no checks, no shedding: each test turns on what it
/// is about.
settings plain_settings();

/// The same with these limits.
settings at_most(std::size_t size, std::size_t connecting);

/// A socket that broke: this connection must not be used again.
failure broken_socket();

/// A server that went away: every connection made so far is suspect.
failure server_gone();

/// A failure of the command alone.
failure duplicate_key();

class pool_rig {
public:
  explicit pool_rig(const settings& config = plain_settings());

  /// A pool that was made ready, with `connections` established and available.
  static pool_rig ready_with(std::uint64_t connections, const settings& config = plain_settings());

  // -- what happens to the pool -------------------------------------------------------------------

  request_id check_out(duration timeout = 1s, priority level = priority::normal,
                       bool read_only = false);
  bool check_in(lease_id lease, const std::optional<failure>& why = std::nullopt);
  request_id warm(std::uint64_t count, duration timeout = 1s);
  request_id drain(duration deadline);

  void established(connection_id id, double draw = 0, bool read_only = false);
  void establishing_failed(connection_id id, const failure& why = broken_socket());
  void check_passed(connection_id id);
  void check_failed(connection_id id);
  void lost(connection_id id);
  void closed(connection_id id);
  void withdraw(request_id request);
  void adopt(const machines::roll& there);

  void ready(bool read_only = false);
  void clear(bool interrupt_in_use = false, const std::optional<failure>& why = std::nullopt);
  void close();
  void run_background();
  void set_degraded(degradation level);
  void reconfigure(const settings& config, bool rotated = false);

  /// From now on what is told to close is not gone until `closed`; before, it was gone at once.
  void close_slowly() { closes_slowly_ = true; }

  /// Time passes; nothing else happens, not even to deadlines.
  void pass(duration d) { now_ += d; }
  /// The deadlines that are over are seen.
  void expire();

  // -- what the pool did --------------------------------------------------------------------------

  /// "waiting", "connection 3", "queue_full", "warmed 2" or "drained 1, cut off 2"; more than one
  /// answer shows as such.
  std::string answer(request_id request) const;
  /// The lease a request was granted; 0 if none.
  lease_id lease(request_id request) const;
  /// Why a request was refused.
  std::string why(request_id request) const;

  /// Events since the last call: "CheckOutStarted, Created 1, Closed 1 stale".
  std::string events();
  /// Orders to others since the last call, and news of the load: "open 1, ping 2, cut 3, saturated:
  /// 3 waiting, 2 in use".
  std::string orders();
  /// The last event of its type.
  const pool_event& last(event_type type) const { return last_.at(type); }

  pool_stats stats() const { return machine_.stats(); }
  instant now() const { return now_; }
  duration until_next_deadline() const { return machine_.next_deadline() - now_; }
  bool has_deadline() const { return machine_.next_deadline() != no_deadline; }

private:
  struct outcome {
    std::string text;
    lease_id lease = 0;
    std::string why;
  };

  void settle();
  void note(request_id request, const std::string& text);

  void take(const machines::grant& e);
  void take(const machines::refuse& e);
  void take(const machines::report_warm& e);
  void take(const machines::report_drained& e);
  void take(const machines::publish& e);
  void take(const machines::open_connection& e);
  void take(const machines::abandon_connection& e);
  void take(const machines::ping_connection& e);
  void take(const machines::close_connection& e);
  void take(const machines::cut_connection& e);
  void take(const machines::seek_server& e);
  void take(const machines::saturated& e);
  void take(const machines::relieved& e);

  instant now_{1h};
  machines::pool_effects effects_;
  std::vector<connection_id> closing_;
  bool closes_slowly_ = false;
  machines::pool machine_;
  request_id last_request_ = 0;
  std::map<request_id, outcome> outcomes_;
  std::map<event_type, pool_event> last_;
  std::string events_;
  std::string orders_;
};

} // namespace moor::test
