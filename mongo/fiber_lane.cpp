#include "moor/mongo/fiber_lane.hpp"

#include <algorithm>
#include <exception>
#include <thread>

namespace moor::mongo {

bool fiber_lane::off_loop(const std::function<void()>& work) {
  const fiber_loop::here here;
  if (!here) {
    work();
    return true;
  }
  std::exception_ptr thrown;
  // Once that is taken, nothing may leave this frame before it is done.
  const bool taken = workers_.post([&, done = here.waker()] {
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
    done();
  });
  if (!taken) {
    here.before_blocking(); // most who asked for this do the work nevertheless
    return false;
  }
  here.park();
  if (thrown)
    std::rethrow_exception(thrown);
  return true;
}

std::shared_ptr<fiber_lane> fiber_lanes::next() {
  const std::lock_guard lock{mutex_};
  const auto which = given_++ % most_;
  if (which >= all_.size())
    all_.push_back(std::make_shared<fiber_lane>());
  return all_[which];
}

std::size_t fiber_lanes::usual() noexcept {
  constexpr std::size_t most = 8;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 4, 1, most);
}

} // namespace moor::mongo
