#include "support/scripted_replica_set.hpp"

#include <algorithm>
#include <atomic>
#include <span>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "support/errands.hpp"
#include "support/loopback.hpp"
#include "support/wire_link.hpp"

namespace moor::test {

namespace {

using clock = std::chrono::steady_clock;

/// So many connections at once; more wait to be accepted.
constexpr std::size_t most_links = 400;

/// A hello waits no longer, whatever it says.
constexpr std::chrono::milliseconds longest_hello = std::chrono::hours{1};

/// The port of one member. The first socket never listens, but keeps the port while the other is
/// closed.
struct doorway {
  descriptor reserved = bound_socket(0);
  descriptor listener = listening_socket(port_of(reserved));

  std::string address() const { return "127.0.0.1:" + std::to_string(port_of(reserved)); }
  void open() { listener = listening_socket(port_of(reserved)); }
  void close() { listener = {}; }
};

/// A connection, and the request that it waits to have answered.
struct client_link {
  wire_link wire;
  std::size_t member;
  std::optional<wire_request> held{};
  clock::time_point arrived{};
  /// Of a hello: until when, and as long as the member's version is this, it waits for a change.
  clock::time_point patience{};
  std::int64_t version = 0;
};

} // namespace

class scripted_replica_set::worker {
public:
  explicit worker(replica_set_options options) : doors_(options.members) {
    set_.name = std::move(options.name);
    set_.sessions = options.sessions;
    for (const auto& door : doors_) {
      set_.members.push_back({.address = door.address()});
      bson_oid_init(&set_.members.back().process, nullptr);
    }
    thread_ = std::thread{[this] { run(); }};
  }

  ~worker() {
    stopping_ = true;
    errands_.wake();
    thread_.join();
  }

  /// Has the thread call `deed` with this object, and returns what that returns. Any thread.
  template <class Deed>
  auto ask(Deed deed) {
    return errands_.run([this, deed = std::move(deed)] { return deed(*this); });
  }

  // These never change: any thread.

  const std::string& name() const noexcept { return set_.name; }
  std::string hosts() const { return set_.hosts(); }
  const std::string& address_of(std::size_t member) const {
    return set_.members.at(member).address;
  }

  // What follows happens on the thread.

  std::optional<std::size_t> primary() const noexcept { return set_.primary; }

  replica_member& member(std::size_t which) { return set_.members.at(which); }

  void lead(std::optional<std::size_t> next, interruption why) {
    if (next && !member(*next).running)
      throw std::logic_error("a member that does not run cannot be elected");
    const auto before = set_.primary;
    if (before == next)
      return;
    set_.lead(next);
    for (auto& link : links_)
      if (link.member == before && link.held && needs_primary(*link.held))
        reply(link, answer_to_interrupted(*link.held, member(*before), why));
  }

  void stop(std::size_t which) {
    if (!std::exchange(member(which).running, false))
      return;
    doors_[which].close();
    std::erase_if(links_, [which](client_link& link) {
      if (link.member == which)
        link.wire.reset();
      return link.member == which;
    });
    member(which).open = 0;
    if (set_.primary == which)
      set_.lead(std::nullopt);
  }

  void start(std::size_t which) {
    auto& it = member(which);
    if (it.running)
      return;
    doors_[which].open();
    it.running = true;
    bson_oid_init(&it.process, nullptr);
    it.version = 0;
  }

private:
  void run() {
    while (!stopping_) {
      const auto seen = wait();
      advance(std::span{seen}.subspan(1 + doors_.size()));
      for (std::size_t i = 0; i < doors_.size(); ++i)
        if (seen[1 + i].revents != 0)
          accept(i);
      errands_.perform();
    }
    for (auto& link : links_)
      link.wire.reset();
  }

  /// What poll saw: the wake-up, the listeners, and the connections.
  std::vector<pollfd> wait() const {
    const bool full = links_.size() >= most_links;
    std::vector<pollfd> result{errands_.interest()};
    for (const auto& door : doors_)
      result.push_back({full ? -1 : door.listener.get(), POLLIN, 0});
    auto next_due = clock::time_point::max();
    for (const auto& link : links_) {
      result.push_back(link.wire.interest(link.held.has_value()));
      next_due = std::min(next_due, due(link));
    }
    poll_until(next_due, result);
    return result;
  }

  void advance(std::span<const pollfd> seen) {
    std::size_t at = 0;
    std::erase_if(links_, [&](client_link& link) {
      const bool over = !serve(link, seen[at++].revents);
      if (over)
        --member(link.member).open;
      return over;
    });
  }

  void accept(std::size_t which) {
    try {
      links_.push_back({wire_link{accept_from(doors_[which].listener)}, which});
    } catch (const std::system_error&) { // it left again, or no descriptor is free
      return;
    }
    ++member(which).open;
    ++member(which).connections;
  }

  /// False if the connection is at its end.
  bool serve(client_link& link, short seen) {
    try {
      if (!link.wire.receive(seen, link.held.has_value()))
        return false;
      while ((link.held || take(link)) && due(link) <= clock::now())
        reply(link, answer_to(*link.held, set_, link.member));
      return link.wire.flush();
    } catch (const wire_error&) {
      return false;
    }
  }

  /// The next request, if there is one, with all that decides when it is answered.
  bool take(client_link& link) {
    link.held = link.wire.next();
    if (!link.held)
      return false;
    auto& by = member(link.member);
    if (is_hello(*link.held))
      ++by.hellos;
    else
      by.count(name_of(*link.held));
    link.arrived = clock::now();
    const auto patience = longest_wait(by, *link.held).value_or(std::chrono::milliseconds::zero());
    link.patience = link.arrived + std::clamp(patience, patience.zero(), longest_hello);
    link.version = by.version;
    return true;
  }

  /// When what is held is to be answered: as things stand, for both may change.
  clock::time_point due(const client_link& link) const {
    if (!link.held)
      return clock::time_point::max();
    const auto& by = set_.members[link.member];
    const auto slowed = link.arrived + by.delay;
    return link.version == by.version ? std::max(slowed, link.patience) : slowed;
  }

  static void reply(client_link& link, const document& body) {
    link.wire.answer(*link.held, body);
    link.held.reset();
  }

  std::vector<doorway> doors_;
  replica_state set_;
  std::vector<client_link> links_;
  errands errands_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

scripted_replica_set::scripted_replica_set(replica_set_options options)
  : worker_{std::make_unique<worker>(std::move(options))} {}

scripted_replica_set::~scripted_replica_set() = default;

std::string scripted_replica_set::uri(std::string_view options) const {
  return "mongodb://" + worker_->hosts() + "/?replicaSet=" + worker_->name() + std::string{options};
}

std::string scripted_replica_set::uri_of(std::size_t member) const {
  return "mongodb://" + address_of(member) + "/?directConnection=true";
}

std::string scripted_replica_set::address_of(std::size_t member) const {
  return worker_->address_of(member);
}

std::optional<std::size_t> scripted_replica_set::primary() const {
  return worker_->ask([](worker& it) { return it.primary(); });
}

void scripted_replica_set::step_down(interruption why) {
  worker_->ask([why](worker& it) { it.lead(std::nullopt, why); });
}

void scripted_replica_set::elect(std::size_t member) {
  worker_->ask([member](worker& it) { it.lead(member, interruption::state_changed); });
}

void scripted_replica_set::lag(std::size_t member, std::chrono::milliseconds behind) {
  worker_->ask([=](worker& it) { it.member(member).lag = behind; });
}

void scripted_replica_set::overload(std::size_t member, bool on) {
  worker_->ask([=](worker& it) { it.member(member).overloaded = on; });
}

void scripted_replica_set::slow(std::size_t member, std::chrono::milliseconds delay) {
  worker_->ask([=](worker& it) { it.member(member).delay = delay; });
}

void scripted_replica_set::stop(std::size_t member) {
  worker_->ask([member](worker& it) { it.stop(member); });
}

void scripted_replica_set::start(std::size_t member) {
  worker_->ask([member](worker& it) { it.start(member); });
}

std::size_t scripted_replica_set::hellos(std::size_t member) const {
  return worker_->ask([member](worker& it) { return it.member(member).hellos; });
}

std::size_t scripted_replica_set::commands(std::size_t member) const {
  return worker_->ask([member](worker& it) {
    std::size_t result = 0;
    for (const auto& [name, count] : it.member(member).commands)
      result += count;
    return result;
  });
}

std::size_t scripted_replica_set::commands(std::size_t member, std::string name) const {
  return worker_->ask([member, name = std::move(name)](worker& it) {
    const auto& all = it.member(member).commands;
    const auto found = all.find(name);
    return found == all.end() ? 0 : found->second;
  });
}

std::size_t scripted_replica_set::open(std::size_t member) const {
  return worker_->ask([member](worker& it) { return it.member(member).open; });
}

} // namespace moor::test
