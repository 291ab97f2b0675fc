// moor under a mixed load, while its actors are killed, its clients die and its server fails. Ends
// with one line of JSON; exit 0 only if nothing was lost, late or leaked. See docs/supervision.md.
#include <filesystem>
#include <iostream>
#include <optional>
#include <thread>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <nlohmann/json.hpp>

#include "chaos/assassin.hpp"
#include "chaos/crowd.hpp"
#include "chaos/options.hpp"
#include "chaos/weather.hpp"
#include "moor/mongo/driver.hpp"
#include "moor/moor.hpp"
#include "moor/runtime/supervisor.hpp"
#include "support/lane.hpp"

namespace moor::chaos {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t clients = 64;
constexpr std::size_t most_connections = 8;
constexpr duration longest_backoff = 500ms;
constexpr duration connect_timeout = 1s;
/// A step of the backoff, then a probe and a connection for the request.
constexpr duration longest_recovery = longest_backoff + 250ms;
/// The longest a request may take, and then some for the machine.
constexpr auto patience = 30s;

settings chaos_settings(const std::string& uri) {
  settings s;
  s.uri = uri;
  s.lane = test::wanted_lane();
  s.max_pool_size = most_connections;
  s.min_pool_size = 2;
  s.connect_timeout = connect_timeout;
  s.socket_timeout = 2s;
  s.max_idle_time = 5s;
  s.max_lifetime = 20s;
  s.check_after_idle = 50ms;
  s.keepalive = 1s;
  s.retry.first_delay = 50ms;
  s.retry.longest_delay = longest_backoff;
  s.health.interval = 200ms;
  s.health.interval_unhealthy = 50ms;
  s.statistics_interval = 0s;
  s.restart.most = 1'000'000;
  return s;
}

std::size_t open_sockets() {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry, gone);
    found += !gone && target.string().starts_with("socket:") ? 1 : 0;
  }
  return found;
}

/// Waits until `value()` is zero, or patience ends; what is left.
template <class F>
std::uint64_t drained_to_zero(F value) {
  const auto until = std::chrono::steady_clock::now() + patience;
  auto left = value();
  while (left != 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(50ms);
    left = value();
  }
  return left;
}

class run_of_chaos {
public:
  explicit run_of_chaos(const options& o) : options_(o) {
    if (options_.uri.empty())
      weather_.emplace(world_->seen, world_->machine,
                       most_connections + 2, // the probe, the monitor
                       longest_recovery + options_.tolerance, options_.seed);
    world_->tolerance = options_.tolerance;
    sockets_before_ = open_sockets();
    const auto config = chaos_settings(weather_ ? weather_->uri() : options_.uri);
    auto driver = mongo::make_driver(config);
    if (const auto* why = std::get_if<failure>(&driver))
      throw std::runtime_error{describe(*why)};
    auto made
      = spawn_supervised_pool(system_, {.config = config,
                                        .driver = std::get<std::shared_ptr<mongo::driver>>(driver),
                                        .seed = options_.seed,
                                        .log = {},
                                        .may_fail = trap_.point(world_->seen.kills)});
    world_->pool = std::move(made.address);
    supervisor_ = std::move(made.supervisor);
    connect_pool();
  }

  nlohmann::json run() {
    const auto crowd = spawn_crowd(system_, world_, clients, options_.seed);
    {
      std::jthread storms{[this](const std::stop_token& stop) { storm_until(stop); }};
      strike_and_audit();
    }
    world_->ending = true;
    wait_for_end(crowd, "the clients do not end");
    drain();
    audit();
    const auto last = stats();
    caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
    wait_for_end(supervisor_, "the supervisor does not end");
    world_->pool = nullptr;
    return report(last);
  }

private:
  template <class Handle>
  void wait_for_end(const Handle& who, const char* otherwise) {
    self_->monitor(who);
    self_->receive([](const caf::down_msg&) {},
                   caf::after(patience) >> [&] { world_->seen.breaches.add(otherwise); });
  }

  void connect_pool() {
    self_->request(world_->pool, patience, connect{})
      .receive([](const connected&) {},
               [](const caf::error& why) { throw std::runtime_error{describe(why)}; });
  }

  void storm_until(const std::stop_token& stop) {
    while (weather_ && !stop.stop_requested()) {
      weather_->calm(1s, stop);
      weather_->storm();
    }
  }

  void strike_and_audit() {
    assassin killer{system_, world_, supervisor_, trap_, options_.seed};
    std::mt19937_64 random{options_.seed};
    const auto end = std::chrono::steady_clock::now() + options_.length;
    while (std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds{50 + random() % 400});
      killer.strike();
      audit();
    }
    trap_.arm(0);
  }

  /// What must hold at any moment.
  void audit() {
    const auto s = stats();
    const auto must = [this](bool holds, const char* what) {
      if (!holds)
        world_->seen.breaches.add(what);
    };
    must(s.granted == s.returned + s.revoked + s.out, "granted = returned + revoked + out");
    must(s.total + s.closing <= s.max_size, "total + closing <= max");
    must(s.pending <= 2, "pending <= maxConnecting");
    must(s.granted >= last_.granted && s.returned >= last_.returned && s.revoked >= last_.revoked
           && s.attempts >= last_.attempts && s.errors >= last_.errors
           && s.restarts >= last_.restarts,
         "counters never go back");
    last_ = s;
  }

  pool_stats stats() {
    pool_stats got;
    self_->request(world_->pool, patience, get_stats{})
      .receive([&](const pool_stats& s) { got = s; },
               [&](const caf::error& why) {
                 world_->seen.breaches.add("no statistics: " + describe(why));
                 got = last_;
               });
    return got;
  }

  void drain() {
    self_->request(world_->pool, patience, moor::drain{10s})
      .receive(
        [](const drained&) {},
        [&](const caf::error& why) { world_->seen.breaches.add("no drain: " + describe(why)); });
  }

  nlohmann::json report(const pool_stats& last) {
    const auto& seen = world_->seen;
    const auto connections
      = weather_ ? drained_to_zero([this] { return weather_->connections(); }) : 0;
    const auto sockets = drained_to_zero([this] {
      const auto now = open_sockets();
      return now > sockets_before_ ? now - sockets_before_ : 0;
    });
    const auto unanswered = seen.requests - seen.answered - seen.abandoned;
    const auto breaches = seen.breaches.all();
    return {{"requests", seen.requests.load()},
            {"answered", seen.answered.load()},
            {"abandoned", seen.abandoned.load()},
            {"unanswered", unanswered},
            {"late", seen.late.load()},
            {"granted", last.granted},
            {"returned", last.returned},
            {"revoked", last.revoked},
            {"out", last.out},
            {"kills", seen.kills.all()},
            {"restarts", last.restarts},
            {"faults", seen.faults.all()},
            {"outcomes", seen.outcomes.all()},
            {"slowest_recovery_ms", seen.slowest_recovery_ms.load()},
            {"most_connections", seen.most_connections.load()},
            {"breaches", breaches},
            {"connections_left", connections},
            {"sockets_left", sockets},
            {"ok", unanswered == 0 && seen.late == 0 && breaches.empty() && last.out == 0
                     && connections == 0 && sockets == 0}};
  }

  options options_;
  std::shared_ptr<world> world_ = std::make_shared<world>();
  trap trap_;
  std::optional<weather> weather_;
  std::size_t sockets_before_ = 0;
  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  caf::scoped_actor self_{system_};
  supervisor_actor supervisor_;
  pool_stats last_;
};

} // namespace

} // namespace moor::chaos

int main(int argc, char** argv) {
  try {
    const auto options = moor::chaos::parse(argc, argv);
    const auto report = moor::chaos::run_of_chaos{options}.run();
    std::cout << report.dump() << std::endl;
    return report.at("ok").get<bool>() ? 0 : 1;
  } catch (const std::invalid_argument& wrong) {
    std::cerr << "chaos: " << wrong.what() << "\n" << moor::chaos::usage << "\n";
    return 2;
  } catch (const std::exception& problem) {
    std::cerr << "chaos: " << problem.what() << "\n";
    return 1;
  }
}
