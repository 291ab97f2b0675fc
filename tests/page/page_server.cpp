// Serves the live page over snapshots made up by commands on standard input, one a line:
//   scene POOL NAME   goes into a scene (scenes.hpp); the pool is there from then on
//   remove POOL       takes a pool off the board
//   hold, go          stops and resumes the flow of snapshots
//   close, open       the endpoint, at the same port
//   quit              as the end of the input
// Each is answered with a line: "ok", or for the first endpoint its URL.
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <variant>

#include <poll.h>
#include <unistd.h>

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include "moor/runtime/http/endpoint.hpp"
#include "page/scenes.hpp"

namespace {

using namespace moor;
using namespace std::chrono_literals;

constexpr auto step = 200ms;

std::int64_t now_unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

class server {
public:
  std::string open() {
    endpoint_options options;
    options.config.listen = listen_;
    options.shown = shown_;
    options.registry = registry_;
    auto opened = open_endpoint(options);
    if (auto* got = std::get_if<std::unique_ptr<endpoint>>(&opened)) {
      open_ = std::move(*got);
      listen_ = open_->address(); // the same port the next time
      return open_->url();
    }
    return std::get<std::string>(opened);
  }

  std::string obey(const std::string& line) {
    std::istringstream words{line};
    std::string what;
    std::string pool;
    std::string name;
    words >> what >> pool >> name;
    if (what == "scene") {
      auto& one = pools_.try_emplace(pool, pool).first->second;
      one.enter(test::scene_of(name), now_unix_ms());
      shown_->put(one.next(now_unix_ms(), step));
    } else if (what == "remove") {
      pools_.erase(pool);
      for (const auto& last : shown_->all())
        if (last->pool == pool)
          shown_->remove(last);
    } else if (what == "hold" || what == "go")
      flows_ = what == "go";
    else if (what == "close")
      open_.reset();
    else if (what == "open")
      return open();
    else
      return "unknown command";
    return "ok";
  }

  void flow() {
    if (!flows_)
      return;
    for (auto& [name, pool] : pools_)
      shown_->put(pool.next(now_unix_ms(), step));
  }

private:
  std::shared_ptr<actors::board> shown_ = std::make_shared<actors::board>();
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  std::unique_ptr<endpoint> open_;
  std::string listen_ = "127.0.0.1:0";
  std::map<std::string, test::scripted_pool> pools_;
  bool flows_ = true;
};

} // namespace

int main() {
  try {
    server served;
    std::cout << served.open() << std::endl;
    for (std::string line; std::cin;) {
      pollfd input{STDIN_FILENO, POLLIN, 0};
      // Commands come one at a time, each after the answer to the one before: none is buffered.
      if (::poll(&input, 1, static_cast<int>(step.count())) == 0) {
        served.flow();
        continue;
      }
      if (!std::getline(std::cin, line) || line == "quit")
        break;
      std::cout << served.obey(line) << std::endl;
    }
    return 0;
  } catch (const std::exception& wrong) {
    std::cerr << wrong.what() << '\n';
    return 1;
  }
}
