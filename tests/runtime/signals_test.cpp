// Signals, each test in a process of its own: in this one, threads of the test framework do not
// block them.
#define CAF_SUITE stop_signals

#include "moor/runtime/signals.hpp"

#include <atomic>
#include <csignal>
#include <future>
#include <memory>
#include <thread>

#include <caf/test/unit_test.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include "support/few_threads.hpp"
#include "support/in_child.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

bool blocks(int number) {
  sigset_t set;
  pthread_sigmask(SIG_SETMASK, nullptr, &set);
  return sigismember(&set, number) == 1;
}

} // namespace

CAF_TEST(the first signal is told and waited for) {
  for (const int number : {SIGINT, SIGTERM})
    CAF_CHECK(succeeds([number] {
      stop_signals signals;
      std::promise<int> told;
      signals.on_stop([&](int seen) { told.set_value(seen); });
      require(!signals.stopped() && !signals.wait_for(0s), "nothing came yet");
      send(number);
      require(value_of(told) == number, "the callback has the signal");
      require(signals.wait_for(forever) && signals.signal() == number, "so have the others");
    }));
}

CAF_TEST(who waits is woken) {
  CAF_CHECK(succeeds([] {
    stop_signals signals;
    std::promise<bool> woken;
    std::thread other{[&] { woken.set_value(signals.wait_for(forever)); }};
    send(SIGINT);
    const bool in_time = value_of(woken);
    other.join();
    require(in_time, "the wait ends with the signal");
  }));
}

CAF_TEST(a callback that comes after the signal is called once) {
  CAF_CHECK(succeeds([] {
    stop_signals signals;
    send(SIGTERM);
    require(signals.wait_for(forever), "the signal was seen");
    std::promise<std::thread::id> told; // a second value would throw, and end the process
    signals.on_stop([&](int) { told.set_value(std::this_thread::get_id()); });
    require(value_of(told) != std::this_thread::get_id(), "another thread calls it");
  }));
}

CAF_TEST(a signal is kept until there is a thread to tell of it) {
  CAF_CHECK(succeeds([] {
    stop_signals signals;
    keeps_until_there_is_a_thread(SIGTERM,
                                  [&](copied_callback tell) { signals.on_stop(std::move(tell)); });
  }));
}

CAF_TEST(a callback that never had a thread is called at the end) {
  CAF_CHECK(succeeds([] {
    int told = 0;
    auto owner = std::make_unique<stop_signals>();
    auto& signals = *owner;
    const few_threads none{0};
    signals.on_stop([&](int seen) {
      told = seen;
      signals.on_stop({});
    });
    send(SIGTERM);
    require(signals.wait_for(forever), "the signal was seen");
    owner.reset();
    require(told == SIGTERM, "the callback has the signal");
  }));
}

CAF_TEST(a callback that was taken back is not called) {
  CAF_CHECK(succeeds([] {
    std::atomic<bool> called = false;
    {
      stop_signals signals;
      signals.on_stop([&](int) { called = true; });
      signals.on_stop({});
      send(SIGINT);
      require(signals.wait_for(forever), "the signal was seen");
    }
    require(!called, "nobody was told");
  }));
}

CAF_TEST(taking a callback back waits for its end) {
  CAF_CHECK(succeeds([] {
    stop_signals signals;
    std::promise<void> entered;
    std::atomic<bool> left = false;
    signals.on_stop([&](int) {
      entered.set_value();
      std::this_thread::sleep_for(10ms); // what happens meanwhile must wait, not this
      left = true;
    });
    send(SIGINT);
    value_of(entered);
    signals.on_stop({});
    require(left, "the callback is over");
  }));
}

CAF_TEST(a callback may use an actor system that ends before the signals do) {
  CAF_CHECK(succeeds([] {
    stop_signals signals;
    caf::actor_system_config config;
    caf::actor_system system{config};
    std::promise<void> told;
    signals.on_stop([&](int) {
      const caf::scoped_actor self{system};
      told.set_value();
    });
    send(SIGINT);
    value_of(told);
    signals.on_stop({});
  }));
}

CAF_TEST(a second signal ends the process) {
  for (const int number : {SIGINT, SIGTERM})
    CAF_CHECK(dies_of(number, [number] {
      stop_signals signals;
      send(SIGINT);
      require(signals.wait_for(forever), "the first signal was seen");
      send(number);
      std::this_thread::sleep_for(forever);
    }));
}

CAF_TEST(a second signal ends the process even if the callback hangs) {
  CAF_CHECK(dies_of(SIGINT, [] {
    stop_signals signals;
    signals.on_stop([](int) { std::this_thread::sleep_for(forever); });
    send(SIGINT);
    require(signals.wait_for(forever), "the first signal was seen");
    send(SIGINT);
    std::this_thread::sleep_for(forever);
  }));
}

CAF_TEST(a second signal ends a process that ignored it before) {
  CAF_CHECK(dies_of(SIGINT, [] {
    std::signal(SIGINT, SIG_IGN); // as a shell does for what runs in the background
    stop_signals signals;
    send(SIGINT);
    require(signals.wait_for(forever), "the first signal was seen");
    send(SIGINT);
    std::this_thread::sleep_for(forever);
  }));
}

CAF_TEST(threads inherit what is blocked and the end restores it) {
  CAF_CHECK(succeeds([] {
    {
      const stop_signals signals;
      std::promise<bool> inherited;
      std::thread other{[&] { inherited.set_value(blocks(SIGINT) && blocks(SIGTERM)); }};
      other.join();
      require(value_of(inherited), "a thread made later blocks both");
    }
    require(!blocks(SIGINT) && !blocks(SIGTERM), "this thread does not block them any more");
  }));
}

CAF_TEST(the end waits for no signal) {
  CAF_CHECK(succeeds([] {
    for (int i = 0; i < 100; ++i)
      stop_signals{};
  }));
}

CAF_TEST(after the end a signal has its action again) {
  for (const bool told : {false, true})
    CAF_CHECK(dies_of(SIGTERM, [told] {
      {
        stop_signals signals;
        if (told)
          send(SIGINT);
        require(!told || signals.wait_for(forever), "the first signal was seen");
      }
      send(SIGTERM);
      std::this_thread::sleep_for(forever);
    }));
}
