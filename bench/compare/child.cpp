#include "child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace compare {

namespace {

using clock = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

[[noreturn]] void become(const std::vector<std::string>& arguments, int output, pid_t parent) {
  std::vector<char*> argv;
  std::string program{"compare"};
  argv.push_back(program.data());
  auto own = arguments;
  for (auto& argument : own)
    argv.push_back(argument.data());
  argv.push_back(nullptr);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == parent && dup2(output, STDOUT_FILENO) >= 0)
    execv("/proc/self/exe", argv.data());
  std::_Exit(127);
}

/// Reads until the other end is closed. Returns whether that was in time.
bool read_all(int from, clock::time_point until, std::string& into) {
  for (;;) {
    const auto left
      = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()).count();
    pollfd waiting{from, POLLIN, 0};
    const int ready = left <= 0 ? 0 : poll(&waiting, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready <= 0)
      return false;
    std::array<char, 4096> buffer{};
    const auto count = read(from, buffer.data(), buffer.size());
    if (count <= 0)
      return count == 0;
    into.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

} // namespace

std::string run_again(const std::vector<std::string>& arguments, std::chrono::seconds limit) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    fail("no pipe");
  const auto self = getpid();
  const auto child = fork();
  if (child < 0)
    fail("no process");
  if (child == 0)
    become(arguments, ends[1], self);
  close(ends[1]);
  std::string output;
  const bool in_time = read_all(ends[0], clock::now() + limit, output);
  close(ends[0]);
  if (!in_time)
    kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time)
    throw std::runtime_error{"did not end within " + std::to_string(limit.count()) + " s"};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error{WIFEXITED(status) ? "failed" : "crashed"};
  return output;
}

} // namespace compare
