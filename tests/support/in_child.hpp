// What tests of signals take: children that do a deed, since in the test's own process other
// threads do not block signals.
#pragma once

#include <csignal>
#include <functional>
#include <future>
#include <iostream>
#include <stdexcept>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "support/patience.hpp"

namespace moor::test {

/// What `waitpid` says of a child that does `deed`: exit code 0, or 1 after a deed that threw. The
/// child ends by SIGALRM if it takes for ever.
inline int status_of(const std::function<void()>& deed) {
  const auto child = ::fork();
  if (child == 0) {
    ::alarm(static_cast<unsigned>(forever.count()));
    int code = 0;
    try {
      deed();
    } catch (const std::exception& e) {
      std::cerr << "in the child: " << e.what() << std::endl;
      code = 1;
    }
    ::_exit(code);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

inline bool succeeds(const std::function<void()>& deed) {
  return status_of(deed) == 0;
}

/// Whether a child that does `deed` is ended by that signal.
inline bool dies_of(int number, const std::function<void()>& deed) {
  const int status = status_of(deed);
  return WIFSIGNALED(status) && WTERMSIG(status) == number;
}

inline void require(bool holds, const std::string& what) {
  if (!holds)
    throw std::runtime_error("not so: " + what);
}

/// For the process, as the terminal and other programs send it.
inline void send(int number) {
  ::kill(::getpid(), number);
}

/// Its value, which must come.
template <class T>
T value_of(std::promise<T>& promise) {
  auto coming = promise.get_future();
  require(coming.wait_for(forever) == std::future_status::ready, "it comes in time");
  return coming.get();
}

} // namespace moor::test
