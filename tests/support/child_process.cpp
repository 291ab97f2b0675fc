#include "support/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <functional>
#include <future>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace moor::test {

namespace {

// Between fork and exec of a process with threads, only async-signal-safe functions may be called.
[[noreturn]] void become(char* const* arguments, const char* directory, const char* log,
                         pid_t parent) noexcept {
  const int input = ::open("/dev/null", O_RDONLY);
  const int output = ::open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (input < 0 || output < 0 || ::dup2(input, 0) < 0 || ::dup2(output, 1) < 0
      || ::dup2(output, 2) < 0 || ::chdir(directory) != 0
      || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
    ::_exit(126);
  if (::getppid() != parent) // it ended before it was watched
    ::_exit(126);
  ::execv(arguments[0], arguments);
  const char problem[] = "the program cannot be executed\n";
  // If even that cannot be written, the exit code has to do.
  ::_exit(::write(2, problem, sizeof problem - 1) > 0 ? 127 : 126);
}

pid_t fork_and_exec(const std::vector<std::string>& command, const std::string& directory,
                    const std::string& log) {
  std::vector<char*> arguments;
  for (const auto& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const auto parent = ::getpid();
  const auto child = ::fork();
  if (child == 0)
    become(arguments.data(), directory.c_str(), log.c_str(), parent);
  if (child < 0)
    throw std::system_error(errno, std::generic_category(), "cannot start " + command.front());
  return child;
}

/// The kernel's watch is over the thread that forked, not over its process. So all children come
/// from one thread that lasts as long as the process.
class nursery {
public:
  static nursery& instance() {
    static auto* const only = new nursery;
    return *only;
  }

  pid_t start(std::function<pid_t()> birth) {
    const std::lock_guard one_at_a_time{mutex_};
    std::packaged_task<pid_t()> task{std::move(birth)};
    auto result = task.get_future();
    next_.set_value(std::move(task));
    return result.get();
  }

private:
  nursery() {
    std::thread{[this] {
      for (;;) {
        auto task = next_.get_future().get();
        next_ = {}; // before the task: its end lets the next caller in
        task();
      }
    }}.detach();
  }

  std::mutex mutex_;
  std::promise<std::packaged_task<pid_t()>> next_;
};

} // namespace

pid_t start_child(const std::vector<std::string>& command, const std::filesystem::path& directory,
                  const std::filesystem::path& log) {
  return nursery::instance().start(
    [&] { return fork_and_exec(command, directory.string(), log.string()); });
}

} // namespace moor::test
