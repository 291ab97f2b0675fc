// A terminal taken over as a whole, and given back.
#pragma once

#include <string>
#include <vector>

#include <termios.h>

#include "moor/ctl/top_view.hpp"

namespace moor::ctl {

/// The size of the terminal behind `stream`, a file descriptor; 80 by 24 if it is none.
screen_size size_of_terminal(int stream) noexcept;

/// The alternate screen of standard output, without a cursor, and keys that arrive at once and
/// unseen. All is as before when it goes.
class full_screen {
public:
  full_screen();
  ~full_screen();
  full_screen(const full_screen&) = delete;
  full_screen& operator=(const full_screen&) = delete;

  /// Shows the lines in place of those before; nothing while the terminal is given back. False if
  /// the terminal is gone.
  bool show(const std::vector<std::string>& lines) const;

  /// Gives the terminal back for a while, and takes it again.
  void leave() noexcept;
  void enter() noexcept;

private:
  termios before_{};
  bool has_keys_ = false; ///< standard input is a terminal
  bool inside_ = false;
};

/// Takes signals in place of their usual effect, one at a time, in its lifetime: SIGINT, SIGTERM,
/// SIGHUP and SIGQUIT, which end a program, SIGTSTP, SIGCONT and SIGWINCH. One per process, before
/// any thread is started. Throws `std::system_error`.
class signal_inbox {
public:
  signal_inbox();
  ~signal_inbox();
  signal_inbox(const signal_inbox&) = delete;
  signal_inbox& operator=(const signal_inbox&) = delete;

  /// Readable when a signal waits.
  int descriptor() const noexcept { return descriptor_; }

  /// The next signal; 0 if none waits.
  int next() noexcept; // NOLINT(readability-make-member-function-const): it takes one away

private:
  sigset_t before_{};
  int descriptor_ = -1;
};

/// Stops the process as Ctrl-Z would; returns when it is continued, which SIGCONT tells the inbox.
void stop_until_continued() noexcept;

} // namespace moor::ctl
