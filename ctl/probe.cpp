#include "moor/ctl/probe.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <variant>

#include "moor/config/parse.hpp"
#include "moor/ctl/answers.hpp"
#include "moor/mongo/driver.hpp"
#include "moor/mongo/server_view.hpp"

namespace moor::ctl {

namespace {

using clock = std::chrono::steady_clock;

/// Interrupts a connection when its time is over. Nobody else does.
class watchdog {
public:
  watchdog(std::shared_ptr<mongo::connection> over, duration limit)
    : thread_{[over = std::move(over), limit](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any woken;
        std::unique_lock lock{mutex};
        const bool ended = woken.wait_for(lock, stop, limit, [&] { return stop.stop_requested(); });
        if (!ended && !stop.stop_requested())
          over->interrupt();
      }} {}

private:
  std::jthread thread_;
};

/// Says in place of an interruption what it was.
void name_limit(duration limit, probe_result& in) {
  in.limit = limit;
  in.why->cause = failure_cause::interrupted;
  const auto* at = last_step(in);
  in.why->text = "the check's own time limit of " + format_duration(limit) + " (--timeout) ran out "
                 + (at == nullptr ? "before a server was dialled"
                                  : "in the step " + at->name + " of " + at->server);
}

void ask(mongo::connection& connection, server_facts& into) {
  auto answer = connection.command("admin", build_info_command());
  if (const auto* info = std::get_if<document>(&answer))
    into.version = version_in(*info);
  answer = connection.command("admin", mongo::hello_command());
  if (const auto* hello = std::get_if<document>(&answer))
    mongo::read_hello(*hello, into.view);
  answer = connection.command("admin", mongo::status_command());
  if (const auto* status = std::get_if<document>(&answer))
    mongo::read_status(*status, into.view);
  else
    into.status_refusal = describe(std::get<failure>(answer));
}

std::optional<failure> look(mongo::connection& connection, duration timeout, probe_result& into) {
  const auto begin = clock::now();
  auto why = connection.ping(timeout);
  const duration round_trip = clock::now() - begin;
  if (why) {
    into.steps.push_back({"ping", into.address, round_trip, false});
    return why;
  }
  server_facts facts;
  facts.view.round_trip = round_trip;
  const auto asked_at = clock::now();
  ask(connection, facts);
  // What is wrong with the connection counts, not what the server thinks of the questions.
  why = connection.take_failure();
  const bool broken = why && why->reach != spoils::nothing;
  into.steps.push_back({"status", into.address, clock::now() - asked_at, !broken});
  if (broken)
    return why;
  into.server = std::move(facts);
  return std::nullopt;
}

} // namespace

const step* last_step(const probe_result& of) noexcept {
  const auto found = std::ranges::find(of.steps, false, &step::done);
  return found == of.steps.end() ? nullptr : &*found;
}

probe_result probe(const settings& with, duration timeout) {
  probe_result result;
  result.at_unix = std::chrono::duration_cast<std::chrono::seconds>(
                     std::chrono::system_clock::now().time_since_epoch())
                     .count();
  const auto begin = clock::now();
  auto made = mongo::make_driver(with);
  if (auto* why = std::get_if<failure>(&made)) {
    result.why = std::move(*why);
    return result;
  }
  auto& driver = *std::get<std::shared_ptr<mongo::driver>>(made);
  result.address = driver.address();
  const auto connection = driver.make_connection();
  const watchdog limit{connection, timeout};
  result.why = connection->establish();
  for (const auto& one : connection->steps())
    result.steps.push_back({std::string{to_string(one.step)}, one.server, one.took, one.done});
  result.tls = connection->tls();
  if (!result.why) {
    result.read_only = connection->read_only();
    result.why = look(*connection, with.connect_timeout, result);
  }
  result.total = clock::now() - begin;
  // A timeout of the settings that ends at the same moment says no more.
  if (result.why && (connection->interrupted() || result.total >= timeout))
    name_limit(timeout, result);
  return result;
}

} // namespace moor::ctl
