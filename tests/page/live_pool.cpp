// A pool under load before a real server, which shows itself over HTTP, directed by commands on
// standard input, one a line:
//   load CLIENTS THINK   so many clients ask from now on, and keep their connection for so many ms
//                        beside their command; without clients, returns when the last is answered
//   books                what the clients know themselves, as JSON
//   hold, return         takes a lease that is overdue after half a second; gives it back
//   slow                 a command that the server takes a second for
//   lose, restore        kills the server; starts it again at its port
//   connections          that the server has, without the one that asks
//   kill PART            ends a part of the pool in the way that it cannot prevent
//   quit                 as the end of the input
// Each is answered with a line: "ok", JSON, or what went wrong. The first line is the page's URL.
//
//   live_pool [ADDRESS]   where the page is; by default a free port
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <nlohmann/json.hpp>

#include "moor/moor.hpp"
#include "page/load.hpp"
#include "support/embedded_server.hpp"
#include "support/patience.hpp"

namespace {

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;

constexpr const char* name = "orders";
constexpr std::size_t most_clients = 48;

settings settings_for(const embedded_server& server, const std::string& listen) {
  settings s;
  s.uri = server.uri("?directConnection=true");
  s.name = name;
  s.min_pool_size = 2;
  s.max_pool_size = 6;
  s.wait_queue_timeout = 30s;
  s.retry.first_delay = 100ms;
  s.retry.longest_delay = 1s;
  s.health.interval = 500ms;
  s.health.interval_unhealthy = 200ms;
  s.leaks.scan_interval = 100ms;
  s.slow_query_threshold = 500ms;
  // One call that fails with its server opens a breaker, which closes soon after.
  s.breaker.window_size = 10;
  s.breaker.minimum_calls = 5;
  s.breaker.failure_rate_threshold = 0.1;
  s.breaker.longest_wait_in_open_state = 2s;
  s.statistics_interval = 0s;
  // So long that whoever opens the page sees figures of the moment only if that is noticed.
  s.metrics_interval = 10min;
  s.endpoint.listen = listen;
  return s;
}

class live_pool {
public:
  explicit live_pool(const std::string& listen) {
    auto started = component_.start(settings_for(server_, listen));
    if (!started)
      throw std::runtime_error{describe(started.error())};
    plan_->pool = *started;
    clients_ = spawn_clients(system_, plan_, most_clients);
  }

  ~live_pool() {
    for (const auto& client : clients_)
      caf::anon_send_exit(client, caf::exit_reason::user_shutdown);
    held_ = {};
    plan_->pool = nullptr;
  }

  live_pool(const live_pool&) = delete;
  live_pool& operator=(const live_pool&) = delete;

  std::string url() const { return component_.url(); }

  std::string obey(const std::string& line) {
    std::istringstream words{line};
    std::string what;
    words >> what;
    const auto found = commands_.find(what);
    try {
      return found == commands_.end() ? "unknown command" : found->second(words);
    } catch (const std::exception& wrong) {
      return wrong.what();
    }
  }

private:
  std::string load(std::istream& words) {
    std::size_t clients = 0;
    std::int64_t think = 0;
    if (!(words >> clients >> think) || clients > most_clients)
      return "how many clients, and how long do they think?";
    plan_->think = std::chrono::milliseconds{think};
    plan_->working = clients;
    if (clients > 0)
      return "ok";
    const auto until = std::chrono::steady_clock::now() + forever;
    while (plan_->busy > 0 && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(10ms);
    return plan_->busy == 0 ? "ok" : "clients are not answered";
  }

  std::string hold() {
    std::string result = "ok";
    ask_lease(self_, plan_->pool, {.operation = "audit stock"}, {.leak_after = 500ms})
      .receive(
        [&](lease& got) {
          held_ = std::move(got);
          plan_->books.succeeded("audit stock");
        },
        [&](const caf::error& why) {
          plan_->books.failed("audit stock", why);
          result = describe(why);
        });
    return result;
  }

  std::string give_back() {
    held_ = {};
    return "ok";
  }

  std::string slow() {
    server_.run("admin", R"({"configureFailPoint": "failCommand", "mode": {"times": 1}, "data":
      {"failCommands": ["aggregate"], "blockConnection": true, "blockTimeMS": 1000}})");
    const auto report = std::get<document>(mongo::from_json(
      R"({"aggregate": "products", "pipeline": [{"$match": {"stock": 0}}], "cursor": {}})"));
    std::string result = "ok";
    ask_command(self_, plan_->pool, {.operation = "report sales"}, "shop", report)
      .receive([&](const document&) { plan_->books.succeeded("report sales"); },
               [&](const caf::error& why) {
                 plan_->books.failed("report sales", why);
                 result = describe(why);
               });
    return result;
  }

  std::string lose() {
    server_.kill_now();
    return "ok";
  }

  std::string restore() {
    server_.restart();
    return "ok";
  }

  std::string connections() const {
    const auto status = nlohmann::json::parse(server_.run("admin", R"({"serverStatus": 1})"));
    return std::to_string(status.at("connections").at("current").get<int>() - 1);
  }

  std::string kill(std::istream& words) {
    std::string part;
    std::getline(words >> std::ws, part);
    std::string result = "there is no part " + part;
    self_->request(component_.supervisor(name), forever, get_parts{})
      .receive(
        [&](const parts& all) {
          for (const auto& one : all)
            if (one.name == part && one.actor) {
              caf::anon_send_exit(one.actor, caf::exit_reason::kill);
              result = "ok";
            }
        },
        [&](const caf::error& why) { result = describe(why); });
    return result;
  }

  embedded_server server_;
  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  component component_{
    system_,
    {.log = {[](log_level, const std::string& line) { std::cerr << line + '\n'; }, log_level::info},
     .make_driver = {}}};
  caf::scoped_actor self_{system_};
  std::shared_ptr<load_plan> plan_ = std::make_shared<load_plan>();
  std::vector<caf::actor> clients_;
  lease held_;
  const std::map<std::string, std::function<std::string(std::istream&)>> commands_{
    {"load", [this](std::istream& words) { return load(words); }},
    {"books", [this](std::istream&) { return plan_->books.json(); }},
    {"hold", [this](std::istream&) { return hold(); }},
    {"return", [this](std::istream&) { return give_back(); }},
    {"slow", [this](std::istream&) { return slow(); }},
    {"lose", [this](std::istream&) { return lose(); }},
    {"restore", [this](std::istream&) { return restore(); }},
    {"connections", [this](std::istream&) { return connections(); }},
    {"kill", [this](std::istream& words) { return kill(words); }},
  };
};

} // namespace

int main(int argc, char** argv) {
  try {
    live_pool pool{argc > 1 ? argv[1] : "127.0.0.1:0"};
    std::cout << pool.url() << std::endl;
    for (std::string line; std::getline(std::cin, line) && line != "quit";)
      std::cout << pool.obey(line) << std::endl;
    return 0;
  } catch (const std::exception& wrong) {
    std::cerr << "live_pool: " << wrong.what() << '\n';
    return 1;
  }
}
