#include "chaos/assassin.hpp"

#include <stdexcept>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

namespace moor::chaos {

using namespace std::chrono_literals;

actors::fault_point trap::point(counts& kills) {
  return [this, &kills](const char* part) {
    auto left = left_.load();
    while (left > 0 && !left_.compare_exchange_weak(left, left - 1))
      ;
    if (left != 1)
      return;
    kills.add(part + std::string{" by exception"});
    throw std::runtime_error{"chaos"};
  };
}

assassin::assassin(caf::actor_system& system, std::shared_ptr<world> shared,
                   supervisor_actor supervisor, trap& faults, std::uint64_t seed)
  : shared_(std::move(shared)),
    supervisor_(std::move(supervisor)),
    faults_(faults),
    self_(system),
    random_(seed) {}

void assassin::strike() {
  const auto what = random_() % 100;
  if (what < 45)
    kill_one_of(caf::actor_cast<caf::actor>(supervisor_), "");
  else if (what < 70)
    faults_.arm(static_cast<int>(1 + random_() % 50));
  else if (what < 97)
    kill_one_of(caf::actor_cast<caf::actor>(shared_->pool), "connection");
  else
    caf::anon_send(shared_->pool, clear{random_() % 2 == 0});
}

void assassin::kill_one_of(const caf::actor& who_knows, const std::string& as) {
  self_->request(who_knows, 10s, get_parts{})
    .receive(
      [&](const parts& all) {
        if (all.empty())
          return;
        const auto& victim = all[random_() % all.size()];
        if (!victim.actor) // it waits for its restart
          return;
        shared_->seen.kills.add(as.empty() ? victim.name : as);
        caf::anon_send_exit(victim.actor, caf::exit_reason::kill);
      },
      [&](const caf::error&) { shared_->seen.breaches.add("nobody answers who runs"); });
}

} // namespace moor::chaos
