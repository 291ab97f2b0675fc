#include "moor/actors/stack_trace.hpp"

#include <array>
#include <atomic>
#include <cstdlib>

#include <execinfo.h>

namespace moor::actors {

namespace {

constexpr std::size_t most_frames = 32;

std::atomic<bool>& recording() noexcept {
  static std::atomic<bool> wanted{false};
  return wanted;
}

} // namespace

void record_stack_traces() noexcept {
  recording() = true;
}

call_site with_stack(call_site where) {
  if (recording().load(std::memory_order_relaxed)) {
    std::array<void*, most_frames> frames{};
    const auto count = backtrace(frames.data(), static_cast<int>(frames.size()));
    where.stack
      = std::make_shared<const std::vector<void*>>(frames.begin(), frames.begin() + count);
  }
  return where;
}

std::string in_words(const std::vector<void*>& stack) {
  const std::unique_ptr<char*, decltype(&std::free)> lines{
    backtrace_symbols(stack.data(), static_cast<int>(stack.size())), &std::free};
  std::string all;
  for (std::size_t i = 0; lines && i < stack.size(); ++i)
    all += std::string{lines.get()[i]} + '\n';
  return all;
}

} // namespace moor::actors
