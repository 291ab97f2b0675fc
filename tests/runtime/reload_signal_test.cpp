// SIGHUP, each test in a process of its own: in this one, threads of the test framework do not
// block it.
#define CAF_SUITE reload_signal

#include "moor/runtime/reload_signal.hpp"

#include <atomic>
#include <csignal>
#include <functional>
#include <future>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <caf/test/unit_test.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include "moor/runtime/signals.hpp"
#include "support/patience.hpp"

using namespace moor;
using namespace std::chrono_literals;
using test::forever;

namespace {

/// What `waitpid` says of a child that does `deed`: exit code 0, or 1 after a deed that threw. The
/// child ends by SIGALRM if it takes for ever.
int status_of(const std::function<void()>& deed) {
  const auto child = ::fork();
  if (child == 0) {
    ::alarm(static_cast<unsigned>(forever.count()));
    int code = 0;
    try {
      deed();
    } catch (const std::exception& e) {
      std::cerr << "in the child: " << e.what() << std::endl;
      code = 1;
    }
    ::_exit(code);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

bool succeeds(const std::function<void()>& deed) {
  return status_of(deed) == 0;
}

void require(bool holds, const std::string& what) {
  if (!holds)
    throw std::runtime_error("not so: " + what);
}

void send(int number = SIGHUP) {
  ::kill(::getpid(), number);
}

void require_comes(std::promise<void>& promise) {
  require(promise.get_future().wait_for(forever) == std::future_status::ready, "it comes in time");
}

} // namespace

CAF_TEST(every signal is told on a thread of its own) {
  CAF_CHECK(succeeds([] {
    reload_signal signal;
    for (int i = 0; i < 3; ++i) {
      std::promise<void> told;
      std::atomic<bool> elsewhere = false;
      signal.on_reload([&, me = std::this_thread::get_id()] {
        elsewhere = std::this_thread::get_id() != me;
        told.set_value();
      });
      send();
      require_comes(told);
      signal.on_reload({}); // waits for the callback's end
      require(elsewhere, "another thread calls it");
    }
  }));
}

CAF_TEST(a callback that comes after the signal is called) {
  CAF_CHECK(succeeds([] {
    reload_signal signal;
    send();
    std::promise<void> told; // a second value would throw, and end the process
    signal.on_reload([&] { told.set_value(); });
    require_comes(told);
    signal.on_reload({});
  }));
}

CAF_TEST(signals that come meanwhile have it called once more) {
  CAF_CHECK(succeeds([] {
    reload_signal signal;
    std::promise<void> entered;
    std::promise<void> go_on;
    std::promise<void> again;
    std::atomic<int> calls = 0;
    auto leave = go_on.get_future().share();
    signal.on_reload([&] {
      if (++calls == 1) {
        entered.set_value();
        leave.wait();
      } else if (calls == 2) {
        again.set_value();
      }
    });
    send();
    require_comes(entered);
    send();
    send();
    go_on.set_value();
    require_comes(again);
    signal.on_reload({});
    require(calls >= 2 && calls <= 3, "signals are not told one by one");
  }));
}

CAF_TEST(a callback may use an actor system that ends before the signal does) {
  CAF_CHECK(succeeds([] {
    reload_signal signal;
    caf::actor_system_config config;
    caf::actor_system system{config};
    std::promise<void> told;
    signal.on_reload([&] {
      const caf::scoped_actor self{system};
      told.set_value();
    });
    send();
    require_comes(told);
    signal.on_reload({});
  }));
}

CAF_TEST(it stands beside the stop signals) {
  CAF_CHECK(succeeds([] {
    stop_signals stop;
    reload_signal signal;
    std::promise<void> told;
    signal.on_reload([&] { told.set_value(); });
    send();
    require_comes(told);
    signal.on_reload({});
    require(!stop.stopped(), "it is no stop");
    send(SIGTERM);
    require(stop.wait_for(forever) && stop.signal() == SIGTERM, "and a stop is one");
  }));
}

CAF_TEST(after the end the signal has its action again) {
  const int status = status_of([] {
    { reload_signal signal; }
    send();
    std::this_thread::sleep_for(forever);
  });
  CAF_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}

CAF_TEST(the end waits for no signal) {
  CAF_CHECK(succeeds([] {
    for (int i = 0; i < 100; ++i)
      reload_signal{};
  }));
}
