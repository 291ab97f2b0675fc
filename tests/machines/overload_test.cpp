// A pool under steady overload, in virtual time: how much of what it serves is of any use.
#define CAF_SUITE overload

#include "moor/machines/pool.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t connections = 10;
constexpr duration service_time = 10ms; // so 1000 requests per second at most
constexpr duration length = 60s;
constexpr duration useful_within = 500ms; // from arrival to the end of service
constexpr duration patience = 1s;         // the deadline of every request

struct score {
  std::uint64_t arrived = 0;
  std::uint64_t useful = 0; ///< answered soon enough
  std::uint64_t served = 0;
  std::uint64_t shed = 0;
  std::uint64_t timed_out = 0;
  duration longest_wait{0};       ///< of those served
  duration longest_wait_later{0}; ///< the same, after the first five seconds
  std::uint64_t critical_refused = 0;
  duration longest_critical_wait{0};

  /// As a share of what the server could do.
  double goodput() const {
    return static_cast<double>(useful) * static_cast<double>(service_time.count())
           / static_cast<double>(length.count()) / static_cast<double>(connections);
  }
};

/// A server that answers each request after the same time, and clients that ask at a fixed rate.
class simulation {
public:
  simulation(const settings& config, double times_capacity, unsigned critical_percent)
    : pool_(config, "db.example:27017", now_, effects_), critical_percent_(critical_percent) {
    step_
      = duration{static_cast<duration::rep>(static_cast<double>(service_time.count())
                                            / static_cast<double>(connections) / times_capacity)};
  }

  score run() {
    pool_.ready(false, now_, effects_);
    pool_.warm(++last_, connections, no_deadline, now_, effects_);
    settle();
    const auto begin = now_;
    auto arrival = now_;
    while (now_ < begin + length) {
      const auto done = busy_.empty() ? no_deadline : busy_.begin()->first;
      now_ = std::min({arrival, done, pool_.next_deadline()});
      later_ = now_ > begin + 5s;
      if (now_ == done)
        finish_one();
      else if (now_ == arrival)
        arrive(), arrival += step_;
      else
        pool_.expire(now_, effects_);
      settle();
    }
    return score_;
  }

private:
  struct request {
    instant since{};
    bool critical = false;
  };

  void arrive() {
    const auto critical = score_.arrived++ % 100 < critical_percent_;
    requests_[++last_] = {now_, critical};
    pool_.check_out(last_, critical ? priority::critical : priority::normal, false, now_ + patience,
                    now_, effects_);
  }

  void finish_one() {
    const auto lease = busy_.begin()->second;
    busy_.erase(busy_.begin());
    pool_.check_in(lease, std::nullopt, now_, effects_);
  }

  void settle() {
    while (!effects_.empty())
      for (const auto& effect : std::exchange(effects_, {}))
        std::visit([this](const auto& e) { take(e); }, effect);
  }

  void take(const machines::open_connection& e) {
    pool_.established(e.connection, 0, false, now_, effects_);
  }

  void take(const machines::grant& e) {
    busy_.emplace(now_ + service_time, e.lease);
    const auto r = requests_.at(e.request);
    requests_.erase(e.request);
    const auto waited = now_ - r.since;
    ++score_.served;
    score_.useful += waited + service_time <= useful_within ? 1 : 0;
    score_.longest_wait = std::max(score_.longest_wait, waited);
    if (later_)
      score_.longest_wait_later = std::max(score_.longest_wait_later, waited);
    if (r.critical)
      score_.longest_critical_wait = std::max(score_.longest_critical_wait, waited);
  }

  void take(const machines::refuse& e) {
    score_.critical_refused += requests_.at(e.request).critical ? 1 : 0;
    requests_.erase(e.request);
    ++(e.why.code == errc::shed ? score_.shed : score_.timed_out);
  }

  template <class Effect>
  void take(const Effect&) {}

  instant now_{1h};
  machines::pool_effects effects_;
  machines::pool pool_;
  unsigned critical_percent_;
  duration step_{0};
  bool later_ = false;
  request_id last_ = 0;
  std::multimap<instant, lease_id> busy_;
  std::map<request_id, request> requests_;
  score score_;
};

settings config_with(duration target) {
  settings s;
  s.max_pool_size = connections;
  s.max_connecting = connections;
  s.max_idle_time = s.max_lifetime = duration::zero();
  s.check_after_idle = 1h;
  s.shedding.queue_target = target;
  return s;
}

std::string words(const std::string& what, const score& s) {
  const auto ms = [](duration d) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) + " ms";
  };
  return what + ": goodput " + std::to_string(s.goodput()) + ", served " + std::to_string(s.served)
         + " of " + std::to_string(s.arrived) + ", useful " + std::to_string(s.useful) + ", shed "
         + std::to_string(s.shed) + ", timed out " + std::to_string(s.timed_out) + ", longest wait "
         + ms(s.longest_wait) + " (after 5 s " + ms(s.longest_wait_later) + "), of critical ones "
         + ms(s.longest_critical_wait);
}

score tried(const std::string& what, duration target, double times, unsigned critical_percent) {
  const auto result = simulation{config_with(target), times, critical_percent}.run();
  CAF_MESSAGE(words(what, result));
  return result;
}

} // namespace

CAF_TEST(at three times the capacity nine tenths of it are of use) {
  const auto s = tried("3 x capacity", 50ms, 3, 0);
  CAF_CHECK(s.goodput() >= 0.9);
  CAF_CHECK(s.longest_wait_later <= 100ms);
}

CAF_TEST(without a queue target nearly nothing of it is) {
  const auto s = tried("3 x capacity, queue-target 0", 0ms, 3, 0);
  CAF_CHECK(s.goodput() <= 0.1);
  CAF_CHECK(s.longest_wait_later >= 900ms);
  CAF_CHECK_EQUAL(s.shed, 0u);
}

CAF_TEST(critical requests are served as if there were no others) {
  const auto s = tried("3 x capacity, 10 % of it critical", 50ms, 3, 10);
  CAF_CHECK(s.goodput() >= 0.9);
  CAF_CHECK_EQUAL(s.critical_refused, 0u);
  CAF_CHECK(s.longest_critical_wait <= 2 * service_time);
}

CAF_TEST(just below the capacity nobody is shed) {
  const auto s = tried("0.99 x capacity", 50ms, 0.99, 10);
  CAF_CHECK_EQUAL(s.shed + s.timed_out, 0u);
  CAF_CHECK(s.goodput() >= 0.98);
}
