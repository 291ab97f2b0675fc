// The wait queue beside a list that is searched from end to end.
#define CAF_SUITE wait_queue_random

#include "moor/machines/wait_queue.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::machines;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1h};

auto all_of(const waiter& w) {
  return std::tuple{w.request, w.level, w.since, w.deadline, w.has_attempt, w.read_only};
}

struct plain_waiter : waiter {
  connection_id attempt = 0; // that it has, if any
};

/// What the queue promises, in the plainest way.
struct plain_queue {
  std::vector<plain_waiter> all; // in order of arrival

  template <class F>
  std::vector<plain_waiter>::iterator find(F f) {
    return std::find_if(all.begin(), all.end(), f);
  }
  template <class F>
  std::vector<plain_waiter>::iterator least(F f) {
    return std::min_element(all.begin(), all.end(),
                            [&](const auto& a, const auto& b) { return f(a) < f(b); });
  }
  auto front() {
    return least([](const waiter& w) { return std::tuple{w.level, w.request}; });
  }
  auto due() {
    return least([](const waiter& w) { return std::tuple{w.deadline, w.level, w.request}; });
  }
  auto free() {
    return least([](const plain_waiter& w) {
      return std::tuple{w.has_attempt, w.level, w.request};
    });
  }
  std::vector<std::pair<connection_id, request_id>> attempts() const {
    std::vector<std::pair<connection_id, request_id>> found;
    for (const auto& w : all)
      if (w.has_attempt)
        found.emplace_back(w.attempt, w.request);
    std::sort(found.begin(), found.end());
    return found;
  }
  auto of(request_id request) {
    return find([&](const waiter& w) { return w.request == request; });
  }
  auto on_behalf(connection_id attempt) {
    return find([&](const plain_waiter& w) { return w.has_attempt && w.attempt == attempt; });
  }
};

/// Both queues, under the same random steps.
class pair_of_queues {
public:
  /// `pushes` of 16 steps are pushes, so that the queues tend to grow or to run empty.
  pair_of_queues(std::uint64_t seed, std::uint64_t pushes, bool in_order)
    : random_(seed), pushes_(pushes), in_order_(in_order) {}

  /// Empty if both did the same; otherwise at which step they did not.
  std::string run(int steps) {
    for (int i = 0; i < steps; ++i)
      if (!step() || !agree())
        return "step " + std::to_string(i) + ", " + std::to_string(plain_.all.size()) + " waiting";
    return {};
  }

private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  bool step() {
    now_ += 1ms;
    if (below(16) < pushes_) {
      push();
      return true;
    }
    switch (below(6)) {
      case 0: return plain_.all.empty() || same(queue_.pop(), plain_.front());
      case 1: {
        const auto request = last_ - std::min(last_, below(200));
        return same(queue_.take(request), plain_.of(request));
      }
      case 2: {
        const auto due = plain_.due();
        const auto over = due != plain_.all.end() && due->deadline <= now_;
        return same(queue_.take_over(now_), over ? due : plain_.all.end());
      }
      case 3: assign(); return true;
      case 4: drop(); return true;
      default: {
        const auto attempt = any_attempt();
        return same(queue_.take_attempt(attempt), plain_.on_behalf(attempt));
      }
    }
  }

  void push() {
    last_ += 1 + below(8) * below(2); // others were never in the queue
    waiter w{.request = last_,
             .level = static_cast<priority>(below(3)),
             .read_only = below(2) == 0,
             .since = now_,
             .deadline = now_ + 100ms};
    if (!in_order_)
      w.deadline = below(4) == 0 ? no_deadline : now_ + std::chrono::milliseconds{below(300)};
    queue_.push(w);
    plain_.all.push_back({w});
    if (below(20) == 0) { // one that was taken over at a restart
      queue_.assign_attempt(++last_attempt_, last_);
      give_attempt(plain_.all.back());
    }
  }

  void give_attempt(plain_waiter& w) const {
    w.attempt = last_attempt_;
    w.has_attempt = true;
  }

  void assign() {
    queue_.assign_attempt(++last_attempt_);
    if (const auto free = plain_.free(); free != plain_.all.end() && !free->has_attempt)
      give_attempt(*free);
  }

  void drop() {
    const auto attempt = any_attempt();
    queue_.drop_attempt(attempt);
    if (const auto found = plain_.on_behalf(attempt); found != plain_.all.end())
      found->has_attempt = false;
  }

  connection_id any_attempt() { return last_attempt_ - std::min(last_attempt_, below(20)); }

  bool same(const std::optional<waiter>& is, std::vector<plain_waiter>::iterator expected) {
    if (expected == plain_.all.end())
      return !is;
    const auto fine = is && all_of(*is) == all_of(*expected);
    plain_.all.erase(expected);
    return fine;
  }

  bool agree() {
    if (queue_.size() != plain_.all.size() || queue_.empty() != plain_.all.empty()
        || queue_.attempts() != plain_.attempts())
      return false;
    const auto due = plain_.due();
    if (queue_.next_deadline() != (due == plain_.all.end() ? no_deadline : due->deadline))
      return false;
    for (const auto level : {priority::critical, priority::normal, priority::background}) {
      const auto* is = queue_.oldest(level);
      const auto first = plain_.find([&](const waiter& w) { return w.level == level; });
      if (first == plain_.all.end() ? is != nullptr
                                    : is == nullptr || all_of(*is) != all_of(*first))
        return false;
    }
    return queue_.empty() || all_of(queue_.front()) == all_of(*plain_.front());
  }

  std::mt19937_64 random_;
  std::uint64_t pushes_;
  bool in_order_;
  wait_queue queue_;
  plain_queue plain_;
  instant now_ = start;
  request_id last_ = 0;
  connection_id last_attempt_ = 0;
};

} // namespace

CAF_TEST(whatever happens both queues do the same) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed)
    for (const std::uint64_t pushes : {4U, 7U, 8U, 10U})
      for (const auto in_order : {false, true})
        CAF_CHECK_EQUAL((pair_of_queues{seed, pushes, in_order}.run(1000)), "");
}

CAF_TEST(any of a thousand can be cancelled whatever the gaps between their numbers) {
  std::mt19937_64 random{7};
  wait_queue queue;
  std::vector<request_id> requests;
  for (request_id r = 1; requests.size() < 1000;
       r += 1 + (random() % 50 == 0 ? random() % 100'000 : 0)) {
    queue.push({.request = r, .deadline = start + r * 1ms});
    requests.push_back(r);
  }
  std::shuffle(requests.begin(), requests.end(), random);
  for (const auto r : requests) {
    const auto w = queue.take(r);
    CAF_REQUIRE(w);
    CAF_CHECK_EQUAL(w->request, r);
    CAF_CHECK(!queue.take(r));
  }
  CAF_CHECK(queue.empty());
}

CAF_TEST(one who waits long among many who leave is still found and served) {
  wait_queue queue;
  queue.push({.request = 1, .deadline = start + 24h});
  for (request_id r = 2; r <= 5000; ++r) {
    queue.push({.request = r, .deadline = start + 1ms});
    CAF_REQUIRE(queue.take(r));
  }
  CAF_CHECK_EQUAL(queue.size(), 1u);
  CAF_CHECK(queue.next_deadline() == start + 24h);
  CAF_CHECK_EQUAL(queue.pop().request, 1u);
}
