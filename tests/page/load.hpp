// Clients that put a pool under load, and what they know of it themselves.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include "moor/messages/actors.hpp"

namespace moor::test {

/// The clients' own books. Any thread.
class ledger {
public:
  void succeeded(const std::string& operation);
  void failed(const std::string& operation, const caf::error& why);
  /// As JSON: `{"at_unix_ms": …, "succeeded": {operation: n}, "failed": {operation: n}, "errors":
  /// {code: n}}`.
  std::string json() const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> succeeded_; // guarded by mutex_, as all below
  std::map<std::string, std::uint64_t> failed_;
  std::map<std::string, std::uint64_t> errors_;
};

/// What clients and those who direct them share.
struct load_plan {
  pool_actor pool;
  ledger books;
  /// As many clients ask; the others rest.
  std::atomic<std::size_t> working{0};
  /// For so long each keeps its connection beside its command, as a backend that thinks does.
  std::atomic<std::chrono::milliseconds> think{std::chrono::milliseconds{0}};
  /// Requests that are not answered, and leases that are not returned.
  std::atomic<std::size_t> busy{0};
};

/// The operations that clients ask for, one command each: by `ask_command`, by `ask_run`, and on a
/// lease.
inline constexpr const char* find_operation = "find product";
inline constexpr const char* count_operation = "count stock";
inline constexpr const char* reserve_operation = "reserve stock";

/// Clients that ask one thing after the other, each always the same, for as long as they live.
std::vector<caf::actor> spawn_clients(caf::actor_system& system,
                                      const std::shared_ptr<load_plan>& plan, std::size_t number);

} // namespace moor::test
