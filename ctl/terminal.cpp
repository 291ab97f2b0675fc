#include "moor/ctl/terminal.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace moor::ctl {

namespace {

// xterm's control sequences, which every terminal of today knows.
constexpr std::string_view take_over
  = "\x1b[?1049h\x1b[?25l\x1b[?7l"; // screen, cursor, no wrapping
constexpr std::string_view give_back = "\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr std::string_view home = "\x1b[H";
constexpr std::string_view end_of_line = "\x1b[K";
constexpr std::string_view rest_of_screen = "\x1b[J";

bool write_all(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR)
      return false;
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return true;
}

sigset_t taken_signals() noexcept {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH})
    sigaddset(&set, number);
  return set;
}

} // namespace

screen_size size_of_terminal(int stream) noexcept {
  winsize size{};
  if (::ioctl(stream, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return {};
  return {size.ws_col, size.ws_row};
}

full_screen::full_screen() : has_keys_{::tcgetattr(STDIN_FILENO, &before_) == 0} {
  enter();
}

full_screen::~full_screen() {
  leave();
}

void full_screen::enter() noexcept {
  if (inside_)
    return;
  inside_ = true;
  if (has_keys_) {
    auto changed = before_;
    changed.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    changed.c_cc[VMIN] = 1;
    changed.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &changed);
  }
  write_all(take_over);
}

void full_screen::leave() noexcept {
  if (!inside_)
    return;
  inside_ = false;
  write_all(give_back);
  if (has_keys_)
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
}

bool full_screen::show(const std::vector<std::string>& lines) const {
  if (!inside_)
    return true;
  std::string frame{home};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i != 0)
      frame += "\r\n";
    frame.append(lines[i]).append(end_of_line);
  }
  return write_all(frame.append(rest_of_screen));
}

signal_inbox::signal_inbox() {
  const auto set = taken_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  descriptor_ = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (descriptor_ < 0)
    throw std::system_error{errno, std::generic_category(), "cannot watch for signals"};
}

signal_inbox::~signal_inbox() {
  ::close(descriptor_);
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

// NOLINTNEXTLINE(readability-make-member-function-const): it takes one away
int signal_inbox::next() noexcept {
  signalfd_siginfo news{};
  return ::read(descriptor_, &news, sizeof news) == sizeof news ? static_cast<int>(news.ssi_signo)
                                                                : 0;
}

void stop_until_continued() noexcept {
  ::kill(::getpid(), SIGSTOP);
}

} // namespace moor::ctl
