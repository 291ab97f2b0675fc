// Tells the sanitizers of switches between stacks, which they cannot see for themselves.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define MOOR_MARK_FOR_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MOOR_MARK_FOR_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define MOOR_MARK_FOR_TSAN 1
#endif

#ifdef MOOR_MARK_FOR_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef MOOR_MARK_FOR_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace moor::mongo {

/// Of one fiber. The calls of `leave_…` are the last before a switch, those of `reach_…` the first
/// after it. Always inline: a call that ThreadSanitizer sees begin on one stack must not end on the
/// other. Without sanitizers there is nothing in it.
class stack_marks {
public:
#ifdef MOOR_MARK_FOR_TSAN
  stack_marks(const void*, std::size_t) : inside_{__tsan_create_fiber(0)} {}
  ~stack_marks() {
    __tsan_destroy_fiber(inside_);
  }
#else
  stack_marks([[maybe_unused]] const void* bottom, [[maybe_unused]] std::size_t size)
#ifdef MOOR_MARK_FOR_ASAN
    : inside_bottom_{bottom},
      inside_size_{size}
#endif
  {
  }
#ifdef MOOR_MARK_FOR_ASAN
  /// AddressSanitizer has marks on the frames that never returned, and keeps them for whatever is
  /// mapped there next: another fiber's stack above all.
  ~stack_marks() {
    __asan_unpoison_memory_region(inside_bottom_, inside_size_);
  }
#else
  ~stack_marks() = default;
#endif
#endif
  stack_marks(const stack_marks&) = delete;
  stack_marks& operator=(const stack_marks&) = delete;

  [[gnu::always_inline]] void leave_outside() {
#ifdef MOOR_MARK_FOR_ASAN
    __sanitizer_start_switch_fiber(&outside_frames_, inside_bottom_, inside_size_);
#endif
#ifdef MOOR_MARK_FOR_TSAN
    outside_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(inside_, 0);
#endif
  }

  [[gnu::always_inline]] void reach_inside() {
#ifdef MOOR_MARK_FOR_ASAN
    __sanitizer_finish_switch_fiber(inside_frames_, &outside_bottom_, &outside_size_);
#endif
  }

  [[gnu::always_inline]] void leave_inside() {
#ifdef MOOR_MARK_FOR_ASAN
    __sanitizer_start_switch_fiber(&inside_frames_, outside_bottom_, outside_size_);
#endif
#ifdef MOOR_MARK_FOR_TSAN
    __tsan_switch_to_fiber(outside_, 0);
#endif
  }

  [[gnu::always_inline]] void reach_outside() {
#ifdef MOOR_MARK_FOR_ASAN
    __sanitizer_finish_switch_fiber(outside_frames_, nullptr, nullptr);
#endif
  }

private:
#ifdef MOOR_MARK_FOR_ASAN
  const void* inside_bottom_;
  std::size_t inside_size_;
  const void* outside_bottom_ = nullptr;
  std::size_t outside_size_ = 0;
  void* inside_frames_ = nullptr;
  void* outside_frames_ = nullptr;
#endif
#ifdef MOOR_MARK_FOR_TSAN
  void* inside_;
  void* outside_ = nullptr;
#endif
};

} // namespace moor::mongo
