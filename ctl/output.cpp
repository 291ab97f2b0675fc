#include "moor/ctl/output.hpp"

#include <cerrno>
#include <iostream>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace moor::ctl {

namespace {

/// 0, or `errno` of what kept the rest from being written.
int write_all(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    pollfd room{STDOUT_FILENO, POLLOUT, 0};
    if (errno == EAGAIN) // whoever shares it does not wait
      ::poll(&room, 1, -1);
    else if (errno != EINTR)
      return errno;
  }
  return 0;
}

} // namespace

void occupy_standard_streams() noexcept {
  int next = 0;
  while (next >= 0 && next <= STDERR_FILENO)
    next = ::open("/dev/null", O_RDONLY | O_CLOEXEC); // nothing can be written to it
  if (next >= 0)
    ::close(next);
}

exit_code print(std::string_view text, exit_code how) {
  const int problem = write_all(text);
  if (problem == 0)
    return how;
  std::cerr << "moorctl: cannot write to standard output: "
            << std::generic_category().message(problem) << '\n';
  return exit_code::cannot_write;
}

} // namespace moor::ctl
