#include "load.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include "moor/mongo/bson.hpp"
#include "moor/moor.hpp"

#include "../caf_config.hpp"

namespace overload {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto tick = 5ms;
constexpr auto notice = 5s;

/// A pool, and an actor that loads it.
class rig {
public:
  rig(const std::string& uri, bool sheds) {
    moor::settings how;
    how.uri = uri;
    how.max_pool_size = how.min_pool_size = connections;
    how.statistics_interval = moor::duration::zero();
    if (!sheds) {
      how.shedding.queue_target = moor::duration::zero();
      how.shedding.degraded_queue_share = 1;
      how.shedding.critical_reserve = 0;
    }
    const auto started = component_.start(how);
    if (!started)
      throw std::runtime_error{moor::describe(started.error())};
    pool = *started;
  }

  ~rig() {
    caf::scoped_actor self{system};
    self->send_exit(load, caf::exit_reason::user_shutdown);
    self->wait_for(load);
  }

private:
  bench::caf_config config_;

public:
  caf::actor_system system{config_};

private:
  moor::component component_{
    system, {.log = {[](moor::log_level, const std::string&) {}}, .make_driver = {}}};

public:
  moor::pool_actor pool;
  caf::actor load;
};

auto ask(caf::event_based_actor* self, const moor::pool_actor& pool) {
  static const auto find
    = std::get<moor::document>(moor::mongo::from_json(R"({"find": "things", "limit": 1})"));
  return moor::ask_command(self, pool, {.operation = "find", .timeout = 1s}, "moor_bench", find);
}

/// Twice as many clients as there are connections: none of those is ever without work.
caf::behavior closed_loop(caf::event_based_actor* self, const moor::pool_actor& pool,
                          std::atomic<std::size_t>* done) {
  for (std::size_t i = 0; i < 2 * connections; ++i)
    self->send(self, 1);
  return {[=](int) {
    ask(self, pool)
      .then(
        [=](const moor::document&) {
          ++*done;
          self->send(self, 1);
        },
        [=](const caf::error&) { self->delayed_send(self, tick, 1); });
  }};
}

/// Those asked between the two are counted.
struct span_of_interest {
  clock::time_point begin;
  clock::time_point end;
};

struct tally {
  std::mutex mutex;
  outcome seen; // guarded by mutex

  void served(milliseconds in) {
    const std::lock_guard guard{mutex};
    seen.served.push_back(in);
  }

  void failed(const caf::error& why) {
    const std::lock_guard guard{mutex};
    const auto code = moor::code_of(why);
    const bool late
      = code == moor::errc::wait_queue_timeout || code == moor::errc::operation_timeout;
    ++(code == moor::errc::shed ? seen.shed : late ? seen.timed_out : seen.other_errors);
  }
};

void ask_once(caf::event_based_actor* self, const moor::pool_actor& pool,
              const std::shared_ptr<tally>& to, bool counts) {
  if (counts) {
    const std::lock_guard guard{to->mutex};
    ++to->seen.asked;
  }
  ask(self, pool)
    .then(
      [=, began = clock::now()](const moor::document&) {
        if (counts)
          to->served(clock::now() - began);
      },
      [=](const caf::error& why) {
        if (counts)
          to->failed(why);
      });
}

caf::behavior open_loop(caf::event_based_actor* self, const moor::pool_actor& pool,
                        const std::shared_ptr<tally>& to, span_of_interest counted,
                        double per_second) {
  auto due = std::make_shared<double>(0);
  auto last = std::make_shared<clock::time_point>(clock::now());
  self->send(self, 1);
  return {[=](int) {
    const auto now = clock::now();
    *due += std::chrono::duration<double>(now - *last).count() * per_second;
    *last = now;
    const auto whole = static_cast<std::size_t>(*due);
    *due -= static_cast<double>(whole);
    for (std::size_t i = 0; i < whole; ++i)
      ask_once(self, pool, to, now >= counted.begin && now < counted.end);
    if (now < counted.end)
      self->delayed_send(self, tick, 1);
  }};
}

} // namespace

outcome& outcome::operator+=(const outcome& other) {
  asked += other.asked;
  served.insert(served.end(), other.served.begin(), other.served.end());
  shed += other.shed;
  timed_out += other.timed_out;
  other_errors += other.other_errors;
  return *this;
}

double measure_capacity(const std::string& uri, std::chrono::seconds span) {
  std::atomic<std::size_t> done = 0;
  rig one{uri, false};
  one.load = one.system.spawn(closed_loop, one.pool, &done);
  std::this_thread::sleep_for(1s);
  const auto before = done.load();
  const auto began = clock::now();
  std::this_thread::sleep_for(span);
  return static_cast<double>(done - before)
         / std::chrono::duration<double>(clock::now() - began).count();
}

outcome offer(const std::string& uri, bool sheds, double per_second, std::chrono::seconds span) {
  const auto to = std::make_shared<tally>();
  rig one{uri, sheds};
  const auto begin = clock::now() + notice;
  const span_of_interest counted{begin, begin + span};
  one.load = one.system.spawn(open_loop, one.pool, to, counted, per_second);
  std::this_thread::sleep_until(counted.end + 3s); // until the last ones were answered
  const std::lock_guard guard{to->mutex};
  return to->seen;
}

} // namespace overload
