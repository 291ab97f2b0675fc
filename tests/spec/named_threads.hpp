// The threads that a test file speaks of.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "spec/event_log.hpp"
#include "spec/test_file.hpp"

namespace moor::test::spec {

/// Each runs the operations given to it in order, and ends at the first that throws. Any thread.
class named_threads {
public:
  /// Runs one operation; made on the thread that will call it.
  using performer = std::function<void(const operation&)>;

  /// For all threads that `operations` names; these must outlive this object.
  named_threads(const std::vector<operation>& operations,
                std::function<performer()> make_performer);
  ~named_threads();

  void start(const std::string& name);

  /// Hands over an operation. It is run once the thread was started.
  void give(const std::string& name, const operation& what);

  /// Waits until the thread has run all it was given and has ended; it takes nothing more. False if
  /// it has not ended by `until`, or when a stop is requested.
  bool wait_for(const std::string& name, time_point until, const std::stop_token& stop);

  /// Throws what ended a thread that was waited for, if anything did.
  void rethrow_error_of(const std::string& name);

  /// Ends all of them: each finishes the operation it is at and leaves the others. Returns what
  /// ended those that nobody waited for. What they wait for must have been brought to an end
  /// before.
  std::vector<std::exception_ptr> end();

private:
  class one;

  one& find(const std::string& name);

  std::function<performer()> make_performer_;
  std::map<std::string, std::unique_ptr<one>> threads_;
};

} // namespace moor::test::spec
