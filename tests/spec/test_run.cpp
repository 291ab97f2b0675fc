#include "spec/test_run.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <utility>

#include "spec/errors.hpp"
#include "spec/named_threads.hpp"
#include "spec/pool_rig.hpp"

namespace moor::test::spec {

namespace {

/// The connections that are checked out.
class held_leases {
public:
  void keep(const std::string& label, lease l) {
    const std::lock_guard guard{mutex_};
    if (!label.empty())
      std::swap(labelled_[label], l);
    // Without a label, or no longer under it: nobody can check it in any more.
    nameless_.push_back(std::move(l));
  }

  void check_in(const std::string& label) {
    std::unique_lock guard{mutex_};
    auto found = labelled_.extract(label);
    guard.unlock();
    if (found.empty())
      throw test_failed("checkIn: no connection is checked out under the label " + label);
    found.mapped().give_back();
  }

private:
  std::mutex mutex_;
  std::map<std::string, lease> labelled_;
  std::vector<lease> nameless_;
};

class run {
public:
  run(const test_file& test, settings config, std::shared_ptr<mongo::driver> driver,
      time_point deadline)
    : test_(test),
      deadline_(deadline),
      rig_(test.options, std::move(config), std::move(driver), deadline),
      threads_(test.operations, [this] { return performer(); }) {}

  observation go() {
    observation seen;
    try {
      run_main_thread(seen);
      rig_.settle_events();
    } catch (const test_failed& e) {
      seen.problem = e.what();
    }
    seen.events = rig_.log().events();
    seen.address = rig_.address();
    end(seen);
    return seen;
  }

private:
  void run_main_thread(observation& seen) {
    try {
      const auto perform = performer();
      for (const auto& o : test_.operations)
        if (o.thread.empty())
          perform(o);
        else
          threads_.give(o.thread, o);
    } catch (const pool_refused& e) {
      seen.error = e.error();
    }
  }

  void end(observation& seen) {
    stop_.request_stop();
    rig_.close(); // answers every check-out that still waits
    for (const auto& error : threads_.end()) {
      try {
        std::rethrow_exception(error);
      } catch (const pool_refused&) { // of no concern to the main thread
      } catch (const test_over&) {
      } catch (const std::exception& e) {
        if (!seen.problem)
          seen.problem = e.what();
      }
    }
    if (const auto dropped = rig_.log().dropped(); dropped > 0 && !seen.problem)
      seen.problem = std::to_string(dropped) + " events were dropped on their way here";
  }

  [[noreturn]] void fail(const std::string& why) const {
    if (stop_.stop_requested())
      throw test_over{};
    throw test_failed(why);
  }

  /// To be called on the thread whose operations it is to run.
  named_threads::performer performer() {
    auto caller = std::make_shared<pool_rig::caller>(rig_);
    return [this, caller](const operation& o) {
      std::visit([&](const auto& what) { perform(what, *caller); }, o.what);
    };
  }

  void perform(const start_thread& o, pool_rig::caller&) { threads_.start(o.target); }

  void perform(const wait_for_thread& o, pool_rig::caller&) {
    if (!threads_.wait_for(o.target, deadline_, stop_.get_token()))
      fail("waitForThread: " + o.target + " did not end by the test's deadline");
    threads_.rethrow_error_of(o.target);
  }

  void perform(const wait_some_time& o, pool_rig::caller&) {
    const auto end = std::chrono::steady_clock::now() + o.time;
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock guard{mutex};
    never.wait_until(guard, stop_.get_token(), std::min(end, deadline_), [] { return false; });
    if (end > deadline_ || stop_.stop_requested())
      fail("wait: " + std::to_string(o.time.count()) + " ms last beyond the test's deadline");
  }

  void perform(const wait_for_event& o, pool_rig::caller&) {
    const auto now = std::chrono::steady_clock::now();
    const auto until = o.timeout ? std::min(deadline_, now + *o.timeout) : deadline_;
    if (!rig_.log().wait_for(o.event, o.count, until, stop_.get_token()))
      fail("waitForEvent: " + std::string{to_string(o.event)} + " did not occur "
           + std::to_string(o.count) + " times by "
           + (o.timeout ? "the operation's timeout" : "the test's deadline"));
  }

  void perform(const check_out& o, pool_rig::caller& caller) {
    leases_.keep(o.label, caller.check_out());
  }

  void perform(const check_in& o, pool_rig::caller&) { leases_.check_in(o.label); }
  void perform(const clear_pool& o, pool_rig::caller&) { rig_.clear(o.interrupt_in_use); }
  void perform(const close_the_pool&, pool_rig::caller&) { rig_.close(); }
  void perform(const ready_pool&, pool_rig::caller&) { rig_.ready(); }

  const test_file& test_;
  time_point deadline_;
  std::stop_source stop_;
  pool_rig rig_;
  held_leases leases_;
  named_threads threads_; // uses all of the above until it is gone
};

} // namespace

observation run_operations(const test_file& test, settings config,
                           std::shared_ptr<mongo::driver> driver, time_point deadline) {
  return run{test, std::move(config), std::move(driver), deadline}.go();
}

} // namespace moor::test::spec
