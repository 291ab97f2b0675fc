#include "moor/mongo/fiber.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include <boost/context/detail/fcontext.hpp>
#include <cxxabi.h>
#include <sys/mman.h>
#include <unistd.h>

#include "moor/mongo/stack_marks.hpp"

namespace moor::mongo {

namespace {

namespace context = boost::context;

std::size_t page_size() noexcept {
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

class stack {
public:
  stack()
    : whole_{::mmap(nullptr, whole_size, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0)} {
    if (whole_ == MAP_FAILED)
      throw std::bad_alloc{};
    if (::mprotect(bottom(), size(), PROT_READ | PROT_WRITE) == 0)
      return;
    ::munmap(whole_, whole_size);
    throw std::bad_alloc{};
  }
  ~stack() { ::munmap(whole_, whole_size); }
  stack(const stack&) = delete;
  stack& operator=(const stack&) = delete;

  void* top() const noexcept { return bottom() + size(); }
  char* bottom() const noexcept { return static_cast<char*>(whole_) + fiber::guard_size; }
  static constexpr std::size_t size() noexcept { return fiber::stack_size; }

private:
  static constexpr std::size_t whole_size = fiber::guard_size + fiber::stack_size;

  void* const whole_; // the guard, and the stack above it
};

/// The exceptions that a thread is handling, of which the C++ runtime keeps a list and a count by
/// thread: two words (Itanium C++ ABI, 2.2.2). A fiber suspended in a handler has its own.
class handled_exceptions {
public:
  void swap_with_thread() noexcept {
    void* const of_thread = abi::__cxa_get_globals();
    words seen;
    std::memcpy(&seen, of_thread, sizeof seen);
    std::memcpy(of_thread, &kept_, sizeof kept_);
    kept_ = seen;
  }

private:
  using words = std::array<void*, 2>;
  words kept_{};
};

} // namespace

struct fiber::parts {
  explicit parts(fiber& f) : owner{f} {}

  static void enter(context::detail::transfer_t from) noexcept;

  fiber& owner;
  stack memory;
  stack_marks marks{memory.bottom(), memory.size()};
  handled_exceptions exceptions;
  // Where the two sides stand, each while the other runs.
  context::detail::fcontext_t inside
    = context::detail::make_fcontext(memory.top(), memory.size(), enter);
  context::detail::fcontext_t outside = nullptr;
};

void fiber::parts::enter(context::detail::transfer_t from) noexcept {
  auto& self = *static_cast<parts*>(from.data);
  self.outside = from.fctx;
  self.marks.reach_inside();
  for (;;) {
    self.owner.work_();
    self.owner.work_ = nullptr;
    self.owner.idle_ = true;
    self.owner.suspend();
  }
}

fiber::fiber() : parts_{std::make_unique<parts>(*this)} {}

fiber::~fiber() = default;

void fiber::start(std::function<void()> work) {
  work_ = std::move(work);
  idle_ = false;
  resume();
}

void fiber::resume() {
  parts_->exceptions.swap_with_thread();
  parts_->marks.leave_outside();
  const auto back = context::detail::jump_fcontext(parts_->inside, parts_.get());
  parts_->marks.reach_outside();
  parts_->inside = back.fctx;
  parts_->exceptions.swap_with_thread();
}

void fiber::suspend() {
  parts_->marks.leave_inside();
  const auto back = context::detail::jump_fcontext(parts_->outside, nullptr);
  parts_->marks.reach_inside();
  parts_->outside = back.fctx;
}

std::size_t fiber::touched() const {
  std::vector<unsigned char> pages(parts_->memory.size() / page_size());
  if (::mincore(parts_->memory.bottom(), parts_->memory.size(), pages.data()) != 0)
    return 0;
  const auto there = std::ranges::count_if(pages, [](unsigned char p) { return (p & 1) != 0; });
  return static_cast<std::size_t>(there) * page_size();
}

} // namespace moor::mongo
