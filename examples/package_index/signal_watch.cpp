#include "signal_watch.hpp"

#include <csignal>
#include <cstdlib>
#include <utility>

#include <pthread.h>

namespace package_index {

namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

} // namespace

void block_signals() {
  const auto set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

signal_watch::signal_watch(std::function<void(int)> on_signal)
  : thread_{[this, on_signal = std::move(on_signal)] { watch(on_signal); }} {}

signal_watch::~signal_watch() {
  over_ = true;
  // The signal is blocked, so it ends nothing: it wakes sigwait.
  // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread,cert-pos44-c)
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

void signal_watch::watch(const std::function<void(int)>& on_signal) {
  const auto set = watched();
  int signal = 0;
  sigwait(&set, &signal);
  if (over_)
    return;
  on_signal(signal);
  sigwait(&set, &signal);
  if (!over_)
    std::_Exit(128 + signal);
}

} // namespace package_index
