// What a connection costs a process that has many: memory and threads. bench/README.md says how to
// read the figures.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <nlohmann/json.hpp>

#include "moor/config/parse.hpp"
#include "moor/mongo/bson.hpp"
#include "moor/moor.hpp"

#include "caf_config.hpp"
#include "figures.hpp"
#include "warm_pool.hpp"

namespace connections {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

/// Those that are there before the measurement, so that what a process needs once is.
constexpr std::uint64_t first = 8;

struct options {
  std::string uri;
  std::string lane = "threads";
  std::uint64_t connections = 1000;
};

std::uint64_t resident_bytes() {
  std::ifstream file{"/proc/self/statm"};
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t threads() {
  std::uint64_t count = 0;
  for ([[maybe_unused]] const auto& one : std::filesystem::directory_iterator{"/proc/self/task"})
    ++count;
  return count;
}

moor::settings settings_of(const options& what, const std::string& name, std::uint64_t size) {
  return bench::settings_of({{"uri", what.uri},
                             {"name", name},
                             {"max-pool-size", std::to_string(size)},
                             {"min-pool-size", std::to_string(size)},
                             {"command-lane", what.lane}});
}

/// A pool of which every connection is established, and at work at once as far as the server lets
/// it: so whatever a command needs is there.
void use_all(moor::component& component, caf::scoped_actor& self, const options& what,
             const std::string& name, std::uint64_t size) {
  const auto pool = bench::start_warm(component, self, settings_of(what, name, size), size);
  const auto ping = std::get<moor::document>(moor::mongo::from_json(R"({"ping": 1})"));
  const moor::request_options patient{.operation = "connections", .timeout = 60s};
  self->spawn<caf::monitored>([&](caf::event_based_actor* me) {
    auto left = std::make_shared<std::uint64_t>(2 * size);
    for (auto i = *left; i > 0; --i)
      moor::ask_command(me, pool, patient, "admin", ping)
        .then(
          [me, left](const moor::document&) {
            if (--*left == 0)
              me->quit();
          },
          [me](caf::error& why) { me->quit(std::move(why)); });
  });
  caf::error why;
  self->receive([&](const caf::down_msg& down) { why = down.reason; });
  if (why)
    throw std::runtime_error{moor::describe(why)};
}

json measure(const options& what) {
  bench::caf_config cfg;
  caf::actor_system system{cfg};
  moor::component component{
    system, {.log = {[](moor::log_level, const std::string&) {}}, .make_driver = {}}};
  caf::scoped_actor self{system};
  use_all(component, self, what, "first", first);
  const auto memory_before = resident_bytes();
  const auto threads_before = threads();
  use_all(component, self, what, "many", what.connections);
  const auto grown = resident_bytes() - memory_before;
  json result{{"cost", "connections"},
              {"lane", what.lane},
              {"connections", what.connections},
              {"resident_kb_each",
               figures::rounded(
                 static_cast<double>(grown) / 1024 / static_cast<double>(what.connections), 10)},
              {"threads_more", threads() - threads_before}};
  component.drain(20s);
  return result;
}

std::optional<options> understood(const std::vector<std::string>& arguments) {
  options result;
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    const auto& value = arguments[i + 1];
    const auto count = moor::parse_count(value);
    if (arguments[i] == "--uri")
      result.uri = value;
    else if (arguments[i] == "--lane")
      result.lane = value;
    else if (arguments[i] == "--connections" && count && *count.value >= 1
             && *count.value <= 10'000)
      result.connections = *count.value;
    else
      return std::nullopt;
  }
  return arguments.size() % 2 != 0 || result.uri.empty() ? std::nullopt : std::optional{result};
}

int main(int argc, char** argv) {
  const auto what = understood({argv + 1, argv + argc});
  if (!what) {
    std::cerr << "usage: connections --uri URI [--lane threads|fibers] [--connections N]\n"
                 "1 to 10000 connections, usually 1000.\n";
    return 2;
  }
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  return figures::run_program("connections", [&] { std::cout << measure(*what) << '\n'; });
}

} // namespace
} // namespace connections

int main(int argc, char** argv) {
  return connections::main(argc, argv);
}
