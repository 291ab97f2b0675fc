#include "samples.hpp"

#include <ctime>
#include <utility>

namespace compare {

nanoseconds cpu_time() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return std::chrono::seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

window::window(std::size_t clients, nanoseconds length, nanoseconds warm_up)
  : begin_(clock::now() + warm_up), end_(begin_ + length), unsettled_(clients) {}

bool window::go_on(clock::time_point now, bool& settled) noexcept {
  if (now < end_)
    return true;
  if (!std::exchange(settled, true))
    --unsettled_;
  return unsettled_ > 0 && now < end_ + longest_wait;
}

void samples::answered(const window& during, clock::time_point asked, clock::time_point now) {
  ++answers;
  if (during.contains(now))
    ++operations;
  if (during.contains(asked))
    total.push_back(now - asked);
}

void samples::granted(const window& during, clock::time_point asked, clock::time_point at) {
  if (during.contains(asked))
    wait.push_back(at - asked);
}

void samples::failed(const window& during, clock::time_point asked) {
  if (during.contains(asked))
    ++errors;
}

} // namespace compare
