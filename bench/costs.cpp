// What moor costs by itself, with a driver that answers at once. bench/README.md says how to read
// it.
#include <chrono>
#include <cstdint>
#include <ctime>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <malloc.h>
#include <sys/resource.h>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "moor/machines/wait_queue.hpp"
#include "moor/mongo/fiber_lane.hpp"
#include "moor/moor.hpp"
#include "support/fake_driver.hpp"

#include "caf_config.hpp"
#include "figures.hpp"

namespace costs {
namespace {

using figures::median;
using nlohmann::json;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t rounds = 5;

double microseconds(clock::duration d) {
  return std::chrono::duration<double, std::micro>{d}.count();
}

// -- a lease, there and back ---------------------------------------------------------------------

/// A pool of one connection in a system of its own.
class pool_of_one {
public:
  pool_of_one(const std::string& scheduler, moor::command_lane lane) {
    if (lane == moor::command_lane::fibers)
      driver_->script->lane = std::make_shared<moor::mongo::fiber_lane>();
    cfg_.set("scheduler.policy", caf::atom_from_string(scheduler));
    system_ = std::make_unique<caf::actor_system>(cfg_);
    component_.emplace(
      *system_,
      moor::component_options{.log = {[](moor::log_level, const std::string&) {}},
                              .make_driver = [this](const moor::settings&) { return driver_; }});
    moor::settings s;
    s.uri = "mongodb://127.0.0.1:1/";
    s.max_pool_size = 1;
    s.min_pool_size = 1;
    const auto pool = component_->start(s);
    if (!pool)
      throw std::runtime_error{moor::describe(pool.error())};
    pool_ = *pool;
  }

  ~pool_of_one() { component_->drain(5s); }
  pool_of_one(const pool_of_one&) = delete;
  pool_of_one& operator=(const pool_of_one&) = delete;

  caf::actor_system& system() { return *system_; }
  const moor::pool_actor& address() const { return pool_; }

private:
  std::shared_ptr<moor::test::fake_driver> driver_ = std::make_shared<moor::test::fake_driver>();
  bench::caf_config cfg_;
  std::unique_ptr<caf::actor_system> system_;
  std::optional<moor::component> component_;
  moor::pool_actor pool_;
};

/// Nothing but what a shared handle needs to be.
class no_connection : public moor::lease_body {
public:
  moor::lease_id id() const noexcept override { return 1; }
  moor::connection_id connection() const noexcept override { return 1; }
  bool ended() const noexcept override { return false; }
  _mongoc_client_t* client() const noexcept override { return nullptr; }
  moor::duration age() const noexcept override { return {}; }
  void give_back() noexcept override {}
  void mark_failed(moor::failure) override {}
  moor::pool_actor pool() const override { return {}; }
};

caf::behavior bare(caf::event_based_actor*) {
  return {[](const moor::acquire&) { return moor::lease{std::make_shared<no_connection>()}; }};
}

/// Asks `from` for a lease and lets it go, again and again.
struct borrower {
  void ask() {
    if (left-- == 0)
      return self->quit();
    self->request(from, 60s, what)
      .then(
        [this](moor::lease& held) {
          held.give_back();
          ask();
        },
        [this](caf::error& why) { self->quit(why); });
  }

  caf::event_based_actor* self;
  caf::actor from;
  std::uint64_t left;
  moor::acquire what{.options = {.operation = "bench"}};
};

double round_trip(caf::actor_system& system, const caf::actor& from, std::uint64_t times) {
  caf::scoped_actor self{system};
  const auto begin = clock::now();
  self->spawn<caf::monitored>([&](caf::event_based_actor* me) {
    auto state = std::make_shared<borrower>(borrower{me, from, times});
    me->attach_functor([state] {}); // as long as the actor
    state->ask();
  });
  caf::error failed;
  self->receive([&](const caf::down_msg& down) { failed = down.reason; });
  if (failed)
    throw std::runtime_error{moor::describe(failed)};
  return microseconds(clock::now() - begin) / static_cast<double>(times);
}

json lease(const char* scheduler, moor::command_lane lane) {
  constexpr std::uint64_t times = 50'000;
  pool_of_one pool{scheduler, lane};
  const auto echo = pool.system().spawn(bare);
  const auto lender = caf::actor_cast<caf::actor>(pool.address());
  std::vector<double> ours;
  std::vector<double> theirs;
  std::vector<double> ratios;
  round_trip(pool.system(), lender, times); // warms up, and establishes the connection
  for (std::size_t i = 0; i < rounds; ++i) {
    ours.push_back(round_trip(pool.system(), lender, times));
    theirs.push_back(round_trip(pool.system(), echo, times));
    ratios.push_back(ours.back() / theirs.back());
  }
  caf::anon_send_exit(echo, caf::exit_reason::user_shutdown);
  return {{"cost", "acquire and return"},      {"scheduler", scheduler},
          {"lane", to_string(lane)},           {"moor_us", median(ours)},
          {"bare_request_us", median(theirs)}, {"ratio", median(ratios)}};
}

// -- many that wait ------------------------------------------------------------------------------

struct waiting_costs {
  double enqueue = 0, grant = 0, cancel = 0, timeout = 0, scattered_timeout = 0; // nanoseconds
  double bytes = 0;
};

/// The processor time that `step` takes for one of `size`: others on the machine do not count, as
/// far as they do not take away its caches.
template <class F>
double each(std::uint64_t size, F step) {
  const auto now = [] {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
  };
  const auto begin = now();
  for (std::uint64_t i = 1; i <= size; ++i)
    step(i);
  return (now() - begin) / static_cast<double>(size);
}

/// Of each of `size` requests in the wait queue.
waiting_costs wait(std::uint64_t size) {
  using moor::machines::wait_queue;
  const auto scattered = [&](std::uint64_t i) { return i * 7919 % size + 1; };
  const auto push = [](wait_queue& queue, std::uint64_t i, std::uint64_t microseconds) {
    queue.push({.request = i, .deadline = moor::instant{1h + microseconds * 1us}});
  };
  const auto fill
    = [&](wait_queue& queue) { return each(size, [&](std::uint64_t i) { push(queue, i, i); }); };
  const auto empty = [&](wait_queue& queue) {
    return each(size, [&](std::uint64_t) { queue.take_over(moor::instant{2h}); });
  };
  waiting_costs found;
  wait_queue queue;
  const auto used = [] {
    const auto all = mallinfo2();
    return static_cast<double>(all.uordblks + all.hblkhd); // large blocks are mapped one by one
  };
  const auto before = used();
  found.enqueue = fill(queue);
  found.bytes = (used() - before) / static_cast<double>(size);
  found.grant = each(size, [&](std::uint64_t) { queue.pop(); });
  queue = {};
  fill(queue);
  found.cancel = each(size, [&](std::uint64_t i) { queue.take(scattered(i)); });
  queue = {};
  fill(queue);
  found.timeout = empty(queue);
  queue = {};
  for (std::uint64_t i = 1; i <= size; ++i)
    push(queue, i, scattered(i));
  found.scattered_timeout = empty(queue);
  return found;
}

/// Of one kind of step: the ratio of the sizes, and both in nanoseconds.
void put(json& to, const std::string& step, double waiting_costs::*cost,
         const std::vector<waiting_costs>& few, const std::vector<waiting_costs>& many) {
  std::vector<double> ratios;
  std::vector<double> at_few;
  std::vector<double> at_many;
  for (std::size_t i = 0; i < few.size(); ++i) {
    at_few.push_back(few[i].*cost);
    at_many.push_back(many[i].*cost);
    ratios.push_back(at_many[i] / at_few[i]);
  }
  to[step] = figures::rounded(median(ratios), 100);
  to[step + "_ns_10k"] = figures::rounded(median(at_few), 1);
  to[step + "_ns_100k"] = figures::rounded(median(at_many), 1);
}

json waiting() {
  constexpr std::size_t turns = 15; // each takes some 50 ms
  std::vector<waiting_costs> few;
  std::vector<waiting_costs> many;
  for (std::size_t i = 0; i < turns; ++i) {
    few.push_back(wait(10'000));
    many.push_back(wait(100'000));
  }
  json result{{"cost", "100,000 waiting to 10,000"}};
  put(result, "enqueue", &waiting_costs::enqueue, few, many);
  put(result, "grant", &waiting_costs::grant, few, many);
  put(result, "cancel", &waiting_costs::cancel, few, many);
  put(result, "timeout", &waiting_costs::timeout, few, many);
  put(result, "scattered_timeout", &waiting_costs::scattered_timeout, few, many);
  result["bytes_each"] = figures::rounded(many.back().bytes, 1);
  return result;
}

// -- nothing to do -------------------------------------------------------------------------------

json idle(std::chrono::seconds span) {
  pool_of_one pool{"sharing", moor::command_lane::fibers};
  std::this_thread::sleep_for(1s);
  rusage before{};
  rusage after{};
  getrusage(RUSAGE_SELF, &before);
  const auto cpu = std::clock();
  std::this_thread::sleep_for(span);
  const auto used = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  getrusage(RUSAGE_SELF, &after);
  const auto seconds = static_cast<double>(span.count());
  return {{"cost", "idle component"},
          {"seconds", span.count()},
          {"cpu_percent", 100 * used / seconds},
          {"wake_ups_per_second", static_cast<double>(after.ru_nvcsw - before.ru_nvcsw) / seconds}};
}

int main() {
  return figures::run_program("costs", [] {
    const auto at_rest = idle(20s); // first: what the others leave to the allocator takes time
    for (const auto lane : {moor::command_lane::fibers, moor::command_lane::threads})
      std::cout << lease("sharing", lane) << '\n' << lease("stealing", lane) << '\n';
    std::cout << waiting() << '\n' << at_rest << '\n';
  });
}

} // namespace
} // namespace costs

int main() {
  return costs::main();
}
