// The demo: a backend of event-based actors that keeps this machine's package database in MongoDB
// and answers questions about it, all through one pool of moor.
//
//   MONGODB_URI=mongodb://… package_index [--seconds=5] [--clients=64] [--status-file=PATH]
//
// It uses the database `moor_demo` alone: drops it at the start and leaves the new index in it, so
// that it can be looked at. Exit code: 0, 1 if something failed, 2 for a mistake in the arguments
// or settings, 130 and 143 after SIGINT and SIGTERM. SIGHUP has it read its settings anew. The
// parts are in the folder package_index/.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <exception>
#include <functional>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <unistd.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/config_option_adder.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "moor/config/finding.hpp"
#include "moor/moor.hpp"

#include "package_index/director.hpp"
#include "package_index/screen.hpp"

namespace package_index {
namespace {

constexpr auto short_deadline = std::chrono::seconds{2};
/// Each step of the director bounds itself below this.
constexpr auto longest_silence = std::chrono::seconds{90};

struct config : caf::actor_system_config {
  std::string status_file = "/var/lib/dpkg/status";
  std::size_t seconds = 5;
  std::size_t clients = 64;
  std::string dependants_of = "libc6";

  config() {
    opt_group{custom_options_, "global"}
      .add(status_file, "status-file", "package database of dpkg to be indexed")
      .add(seconds, "seconds", "how long questions are asked, 1 to 300")
      .add(clients, "clients", "actors that ask questions, 1 to 1000")
      .add(dependants_of, "dependants-of", "package whose dependants are listed in the summary");
    // Many short messages between many actors: see "Scheduler" in bench/README.md.
    set("scheduler.policy", caf::atom("sharing"));
  }

  moor::caf_settings moor{*this, custom_options_};
};

int fail(int exit_code, const std::string& sentence) {
  std::cerr << "package_index: " << sentence << '\n';
  return exit_code;
}

int fail_interrupted(int signal, const std::string& doing) {
  const std::string name = signal == SIGINT ? "SIGINT" : "SIGTERM";
  return fail(128 + signal, "interrupted by " + name + " while " + doing);
}

/// The program from the first connection to the last.
class session {
public:
  /// `load` reads the settings anew.
  session(config& cfg, moor::stop_signals& signals, moor::reload_signal& reload,
          std::function<moor::resolved()> load)
    : config_(cfg),
      signals_(signals),
      reload_(reload),
      load_(std::move(load)),
      system_{cfg},
      moor_{system_, {.log = {log_to_stderr, moor::log_level::warning}, .make_driver = {}}},
      screen_{system_} {
    signals_.on_stop([this](int number) { on_signal(number); });
    reload_.on_reload([this] { on_reload(); });
  }

  ~session() {
    reload_.on_reload({}); // which may be at work on the members, as may the next
    signals_.on_stop({});
  }

  session(const session&) = delete;
  session& operator=(const session&) = delete;

  int run(const moor::resolved& settings, const packages_ptr& packages) {
    display_.show({"connecting", 0, ""});
    const auto pool = moor_.start(settings.value, settings.from);
    starting_ = false;
    if (const int signal = signals_.signal())
      return end_interrupted("connecting", signal);
    if (!pool) {
      display_.clear();
      return fail(1, "cannot connect: " + moor::describe(pool.error()));
    }
    display_.clear();
    if (const auto url = moor_.url(); !url.empty())
      std::cout << "live page           " << url << '\n' << std::flush;
    const auto director = spawn_director(
      system_, *pool, caf::actor_cast<caf::actor>(screen_.ptr()),
      {packages, config_.clients, std::chrono::seconds{config_.seconds}, config_.dependants_of});
    screen_->monitor(director);
    return watch(director, packages->size());
  }

private:
  /// Shows what the director tells until it ends or a signal comes.
  int watch(const caf::actor& director, std::size_t packages) {
    std::string doing;
    std::optional<summary> result;
    std::optional<caf::error> ended;
    int signal = 0;
    screen_->receive_while([&] { return !ended && signal == 0; })(
      [&](progress& now) {
        display_.show(now);
        doing = std::move(now.doing);
      },
      [&](summary& all) { result = std::move(all); },
      [&](caf::down_msg& down) { ended = std::move(down.reason); },
      [&](interruption i) { signal = i.signal; },
      caf::after(longest_silence) >> [&] { ended = caf::make_error(caf::sec::request_timeout); });
    display_.clear();
    if (signal != 0) {
      caf::anon_send_exit(director, caf::exit_reason::user_shutdown);
      return end_interrupted(doing, signal);
    }
    if (!result)
      caf::anon_send_exit(director, caf::exit_reason::user_shutdown);
    moor_.drain(short_deadline);
    if (!result)
      return fail(1, "failed while " + doing + ": " + moor::describe(*ended));
    const auto errors = result->load.errors;
    print(std::cout, *std::move(result), {packages, config_.dependants_of});
    if (!std::cout)
      return fail(1, "cannot write the summary to standard output");
    return errors == 0 ? 0 : fail(1, std::to_string(errors) + " operations failed");
  }

  int end_interrupted(const std::string& doing, int signal) {
    display_.clear();
    moor_.drain(short_deadline);
    return fail_interrupted(signal, doing + "; all connections are closed");
  }

  /// On a thread of the signals.
  void on_signal(int number) {
    if (starting_) // makes `start` return, or not even begin
      moor_.stop();
    caf::anon_send(caf::actor_cast<caf::actor>(screen_.ptr()), interruption{number});
  }

  /// On a thread of the signal.
  void on_reload() {
    try {
      const auto report = moor_.reload(load_);
      if (!report)
        fail(1, "the settings stay as they are: " + moor::describe(report.error()));
      else
        fail(0, "the settings were read anew: " + std::to_string(report->changed.size())
                  + " changed, " + std::to_string(report->needs_restart.size())
                  + " need a restart");
    } catch (const std::exception& problem) {
      fail(1, std::string{"the settings stay as they are: "} + problem.what());
    }
  }

  static void log_to_stderr(moor::log_level, const std::string& line) {
    std::cerr << "moor: " + line + '\n'; // one string, since several threads may write
  }

  const config& config_;
  moor::stop_signals& signals_;
  moor::reload_signal& reload_;
  std::function<moor::resolved()> load_;
  std::atomic<bool> starting_ = true;
  progress_display display_{std::cout, isatty(STDOUT_FILENO) != 0};
  caf::actor_system system_;
  moor::component moor_;
  caf::scoped_actor screen_;
};

/// What is wrong with the program's own options, or nothing.
std::optional<std::string> bad_option(const config& cfg) {
  for (const auto& word : cfg.remainder)
    if (!word.starts_with("--"))
      return moor::printable(word) + " is no option; --help lists them";
  if (cfg.seconds < 1 || cfg.seconds > 300)
    return "--seconds must be from 1 to 300";
  if (cfg.clients < 1 || cfg.clients > 1000)
    return "--clients must be from 1 to 1000";
  return std::nullopt;
}

/// As many clients as there ever will be, each with one question at a time: however long they wait
/// on a slow machine, that is no overload, and each question is to be answered.
moor::resolved load(const config& cfg) {
  return cfg.moor.load(
    cfg, {moor::source::code, {{"queue-target", "0"}, {"http-listen", "127.0.0.1:9464"}}});
}

/// The arguments, the config file and the environment once more.
moor::resolved load_again(int argc, char** argv) {
  config cfg;
  if (const auto error = cfg.parse(argc, argv))
    throw std::runtime_error("the options cannot be read: " + moor::printable(cfg.render(error)));
  return load(cfg);
}

int main(int argc, char** argv) {
  // Before the actor system, whose threads must leave the signals to them.
  moor::stop_signals signals;
  moor::reload_signal reload;
  config cfg;
  // The text of its error repeats the argument, which may hold a password.
  if (const auto error = cfg.parse(argc, argv))
    return fail(2, "the options cannot be read: " + moor::printable(cfg.render(error))
                     + "; --help lists them");
  if (cfg.cli_helptext_printed)
    return 0;
  if (const auto problem = bad_option(cfg))
    return fail(2, *problem);
  const auto settings = load(cfg);
  for (const auto& finding : settings.findings)
    fail(2, to_string(finding));
  if (!settings.ok())
    return 2;
  if (settings.value.max_pool_size < 2)
    return fail(2, "max-pool-size must be at least 2: the change stream keeps one connection");
  packages_ptr packages;
  try {
    packages = std::make_shared<const std::vector<package>>(
      read_status_file(cfg.status_file, [&] { return signals.stopped(); }));
  } catch (const bad_status_file& e) {
    if (const int signal = signals.signal())
      return fail_interrupted(signal, "reading the status file");
    return fail(1, e.what());
  }
  return session{cfg, signals, reload, [=] { return load_again(argc, argv); }}.run(settings,
                                                                                   packages);
}

} // namespace
} // namespace package_index

int main(int argc, char** argv) {
  return package_index::main(argc, argv);
}
