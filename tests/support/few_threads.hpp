// A process that can start so many threads and no more.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/in_child.hpp"

namespace moor::test {

/// Its address space in bytes.
inline rlim_t size_of_process() {
  rlim_t pages = 0;
  std::ifstream{"/proc/self/statm"} >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

/// As long as it lives, for threads of the default attributes: their stacks are large, and so is
/// what is left of the address space, for `most` of them. A limit on threads would not hold for
/// root. For use in a child, as it is not thread-safe.
class few_threads {
public:
  explicit few_threads(std::size_t most) {
    ::getrlimit(RLIMIT_AS, &before_);
    pthread_attr_init(&attributes_);
    pthread_attr_setstacksize(&attributes_, stack);
    pthread_setattr_default_np(&attributes_);
    auto limited = before_;
    limited.rlim_cur = size_of_process() + most * stack + stack / 2;
    if (::setrlimit(RLIMIT_AS, &limited) != 0)
      throw std::runtime_error("the address space cannot be limited");
  }
  ~few_threads() {
    ::setrlimit(RLIMIT_AS, &before_);
    pthread_attr_setstacksize(&attributes_, stack_of_others);
    pthread_setattr_default_np(&attributes_);
    pthread_attr_destroy(&attributes_);
  }

  few_threads(const few_threads&) = delete;
  few_threads& operator=(const few_threads&) = delete;

private:
  static constexpr std::size_t stack = std::size_t{1} << 30;
  static constexpr std::size_t stack_of_others = std::size_t{8} << 20;

  rlimit before_{};
  pthread_attr_t attributes_{};
};

/// As long as it lives, the address space has no room for as much as 256 KB more. For use in a
/// child.
class no_address_space {
public:
  no_address_space() {
    ::getrlimit(RLIMIT_AS, &before_);
    auto limited = before_;
    limited.rlim_cur = size_of_process() + rlim_t{200} * 1024;
    if (::setrlimit(RLIMIT_AS, &limited) != 0)
      throw std::runtime_error("the address space cannot be limited");
  }
  ~no_address_space() { ::setrlimit(RLIMIT_AS, &before_); }

  no_address_space(const no_address_space&) = delete;
  no_address_space& operator=(const no_address_space&) = delete;

private:
  rlimit before_{};
};

/// Whether the thread of that folder in /proc waits for something.
inline bool sleeps_at(const std::filesystem::path& task) {
  std::string field;
  std::ifstream stat{task / "stat"}; // PID (NAME) STATE
  return stat >> field >> field >> field && field == "S";
}

/// Whether the thread of that name waits for something.
inline bool sleeps(const std::string& name) {
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::string its_name;
    std::getline(std::ifstream{task.path() / "comm"}, its_name);
    if (its_name == name)
      return sleeps_at(task.path());
  }
  return false;
}

/// A callback that says when it is copied, as starting a thread for it does.
struct copied_callback {
  copied_callback(std::function<void()> copied, std::function<void()> called)
    : on_copy{std::move(copied)}, on_call{std::move(called)} {}
  copied_callback(const copied_callback& other) : on_copy{other.on_copy}, on_call{other.on_call} {
    on_copy();
  }
  copied_callback& operator=(const copied_callback&) = delete;
  ~copied_callback() = default;

  template <class... Args>
  void operator()(Args...) const {
    on_call();
  }

  std::function<void()> on_copy;
  std::function<void()> on_call;
};

/// That signal is told to the callback given to `listen`, though at first no thread can be started
/// for it. Throws if not. For use in a child.
template <class Listen>
void keeps_until_there_is_a_thread(int number, Listen listen) {
  // Shared, as the callback may outlive this.
  struct seen {
    std::atomic<bool> counts = false;
    std::atomic<int> attempts = 0;
    std::promise<void> tried_again;
    std::promise<void> told;
  };
  const auto so_far = std::make_shared<seen>();
  listen(copied_callback{[so_far] {
                           if (so_far->counts && ++so_far->attempts == 2)
                             so_far->tried_again.set_value();
                         },
                         [so_far] { so_far->told.set_value(); }});
  so_far->counts = true;
  {
    const few_threads none{0};
    send(number);
    value_of(so_far->tried_again);
  }
  value_of(so_far->told);
}

} // namespace moor::test
