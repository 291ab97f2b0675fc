// The contenders: each pings through one connection string until it is told to end.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "successes.hpp"

namespace recovery {

constexpr std::size_t clients = 8;
constexpr std::size_t connections = 4;
/// Between an answer, good or bad, and the next ping.
constexpr std::chrono::milliseconds pause{5};

/// Its clients end, and what it opened is closed, when it is destroyed.
class contender {
public:
  contender(std::string name, std::size_t count) : name_{std::move(name)}, seen_{count} {}
  contender(const contender&) = delete;
  contender& operator=(const contender&) = delete;
  virtual ~contender() = default;

  const std::string& name() const { return name_; }
  successes& seen() { return seen_; }

private:
  std::string name_;
  successes seen_;
};

/// Actors that send `command`s to a pool of moor's, in all else with its defaults.
std::unique_ptr<contender> make_moor(const std::string& uri);

/// Threads that pop from libmongoc's pool, with its defaults.
std::unique_ptr<contender> make_client_pool(const std::string& uri);

/// One thread with a client of libmongoc's in single mode, with its defaults.
std::unique_ptr<contender> make_client(const std::string& uri);

} // namespace recovery
