// SIGHUP, each test in a process of its own: in this one, threads of the test framework do not
// block it.
#define CAF_SUITE reload_signal

#include "moor/runtime/reload_signal.hpp"

#include <atomic>
#include <csignal>
#include <future>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <caf/test/unit_test.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include "moor/runtime/signals.hpp"
#include "support/few_threads.hpp"
#include "support/in_child.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;

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
      send(SIGHUP);
      value_of(told);
      signal.on_reload({}); // waits for the callback's end
      require(elsewhere, "another thread calls it");
    }
  }));
}

CAF_TEST(a callback that comes after the signal is called) {
  CAF_CHECK(succeeds([] {
    reload_signal signal;
    send(SIGHUP);
    std::promise<void> told; // a second value would throw, and end the process
    signal.on_reload([&] { told.set_value(); });
    value_of(told);
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
    send(SIGHUP);
    value_of(entered);
    send(SIGHUP);
    send(SIGHUP);
    go_on.set_value();
    value_of(again);
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
    send(SIGHUP);
    value_of(told);
    signal.on_reload({});
  }));
}

CAF_TEST(it stands beside the stop signals) {
  CAF_CHECK(succeeds([] {
    stop_signals stop;
    reload_signal signal;
    std::promise<void> told;
    signal.on_reload([&] { told.set_value(); });
    send(SIGHUP);
    value_of(told);
    signal.on_reload({});
    require(!stop.stopped(), "it is no stop");
    send(SIGTERM);
    require(stop.wait_for(forever) && stop.signal() == SIGTERM, "and a stop is one");
  }));
}

CAF_TEST(a signal is kept until there is a thread to tell of it) {
  CAF_CHECK(succeeds([] {
    reload_signal signal;
    keeps_until_there_is_a_thread(SIGHUP,
                                  [&](copied_callback tell) { signal.on_reload(std::move(tell)); });
    signal.on_reload({});
  }));
}

CAF_TEST(it is refused if the system has one thread of the two it takes) {
  CAF_CHECK(succeeds([] {
    const few_threads one{1};
    try {
      reload_signal signal;
    } catch (const std::system_error&) {
      return;
    }
    throw std::runtime_error("there were two threads");
  }));
}

CAF_TEST(after the end the signal has its action again) {
  CAF_CHECK(dies_of(SIGHUP, [] {
    { reload_signal signal; }
    send(SIGHUP);
    std::this_thread::sleep_for(forever);
  }));
}

CAF_TEST(the end waits for no signal) {
  CAF_CHECK(succeeds([] {
    for (int i = 0; i < 100; ++i)
      reload_signal{};
  }));
}
