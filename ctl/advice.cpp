#include "moor/ctl/advice.hpp"

#include <algorithm>
#include <chrono>

#include "moor/ctl/failure_advice.hpp"
#include "moor/ctl/format.hpp"

namespace moor::ctl {

namespace {

/// Round trips of a connection with TLS 1.2 and SCRAM: dial 1, TLS 2, hello 1, authentication 2,
/// ping 1.
constexpr int round_trips_of_a_connection = 7;

class adviser {
public:
  adviser(const settings& with, const target& where, const probe_result& seen)
    : with_{with}, where_{where}, seen_{seen} {}

  std::vector<advice> all() {
    judge_way();
    if (seen_.limit)
      found_.push_back(advice_on_limit(with_, seen_));
    else if (seen_.why)
      if (auto one = advice_on(seen_.why->cause))
        found_.push_back(*std::move(one));
    if (seen_.tls && seen_.tls->certificate_expires)
      judge_certificate(*seen_.tls->certificate_expires);
    if (seen_.server) {
      judge_head_room(seen_.server->view);
      judge_round_trip(seen_.server->view.round_trip);
      judge_server(*seen_.server);
    }
    std::stable_partition(found_.begin(), found_.end(),
                          [](const advice& one) { return one.is_warning; });
    return std::move(found_);
  }

private:
  void warn(const char* id, std::string text) { found_.push_back({id, true, std::move(text)}); }
  void note(const char* id, std::string text) { found_.push_back({id, false, std::move(text)}); }

  void judge_way() {
    if (where_.remote_hosts.empty() && !where_.srv)
      return;
    const auto& host = where_.remote_hosts.empty() ? seen_.address : where_.remote_hosts.front();
    if (!where_.tls && !with_.allow.has(allowance::no_tls))
      warn("no-tls",
           "What goes to " + host + " is not encrypted: add tls=true to the connection string.");
    if (!where_.credentials && !with_.allow.has(allowance::no_credentials))
      warn("no-credentials",
           "Nobody can log in at " + host + ": give the connection string a user and a password.");
    if (with_.profile == profile::development)
      note("development-profile", "The profile is development, and " + host
                                    + " is another machine: production has other defaults.");
  }

  void judge_certificate(std::int64_t expires) {
    constexpr std::chrono::seconds soon = std::chrono::days{14};
    if (expires - seen_.at_unix < soon.count())
      warn("certificate-expires-soon",
           "The server's certificate is valid until " + day(expires) + ": have it renewed.");
  }

  void judge_head_room(const server_view& server) {
    const auto left = connections_left(server);
    if (!left) {
      note("head-room-unknown", "The server does not say how many more connections it takes.");
      return;
    }
    if (static_cast<std::uint64_t>(*left) < with_.max_pool_size
        && !with_.allow.has(allowance::pool_above_server_limit))
      warn("pool-above-head-room", "The pool may have " + counted(with_.max_pool_size, "connection")
                                     + ", and the server " + "takes "
                                     + grouped(static_cast<std::uint64_t>(*left))
                                     + " more: lower max-pool-size, or raise the server's limit.");
  }

  void judge_round_trip(duration round_trip) {
    const auto way = round_trips_of_a_connection * round_trip;
    if (2 * way > with_.connect_timeout)
      warn("slow-for-connect-timeout", "With a round trip of " + for_people(round_trip)
                                         + " a connection takes about " + for_people(way)
                                         + ", and connect-timeout is "
                                         + for_people(with_.connect_timeout) + ": raise it.");
    else if (2 * seen_.total > with_.connect_timeout)
      warn("slow-connection", "Connecting took " + for_people(seen_.total)
                                + ", more than half of connect-timeout ("
                                + for_people(with_.connect_timeout) + ").");
    const auto degraded = with_.health.degraded_round_trip_time;
    if (degraded > duration::zero() && 2 * round_trip > degraded)
      warn("round-trip-near-degraded", "The round trip is " + for_people(round_trip) + ": above "
                                         + for_people(degraded)
                                         + " (degraded-round-trip-time) the pool is degraded.");
    if (10 * round_trip > with_.wait_queue_timeout)
      warn("round-trip-near-wait-queue-timeout", "The round trip is " + for_people(round_trip)
                                                   + ", and a request waits for a connection for "
                                                   + for_people(with_.wait_queue_timeout)
                                                   + " at most: raise wait-queue-timeout.");
  }

  void judge_server(const server_facts& server) {
    if (seen_.read_only || !server.view.writable)
      warn("no-primary", "The server takes no writes: no primary was found.");
    if (!server.status_refusal.empty())
      where_.credentials
        ? note("status-refused", "The user may not ask for serverStatus (role clusterMonitor).")
        : warn("credentials-demanded",
               "The server refuses serverStatus to who has not logged in: it may demand "
               "credentials for all else, too.");
  }

  const settings& with_;
  const target& where_;
  const probe_result& seen_;
  std::vector<advice> found_;
};

} // namespace

maybe_count connections_left(const server_view& seen) noexcept {
  const auto& left = seen.connections_available;
  return left && *left > 0 ? left : maybe_count{};
}

std::vector<advice> advise(const settings& with, const target& where, const probe_result& seen) {
  return adviser{with, where, seen}.all();
}

} // namespace moor::ctl
