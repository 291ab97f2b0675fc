// What a scripted replica set knows of itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <bson/bson.h>

namespace moor::test {

struct replica_member {
  std::string address; ///< "127.0.0.1:PORT"
  bool running = true;
  bool overloaded = false;
  std::chrono::milliseconds lag{0};
  std::chrono::milliseconds delay{0};

  /// The topologyVersion: which run of the server it is, and how often that saw the set change.
  bson_oid_t process{};
  std::int64_t version = 0;

  // What has come since the beginning, and what is there now.
  std::size_t hellos = 0;
  std::map<std::string, std::size_t, std::less<>> commands{}; ///< by name, hellos left out
  std::size_t connections = 0;
  std::size_t open = 0;

  /// Names are the clients': only so many are kept, and no long ones.
  void count(const std::string& command) {
    const bool fits = command.size() <= 64 && (commands.size() < 100 || commands.contains(command));
    ++commands[fits ? command : "others"];
  }
};

struct replica_state {
  std::string name;
  bool sessions = true;
  std::vector<replica_member> members;
  std::optional<std::size_t> primary = 0;
  /// Elections so far: the count makes the electionId.
  std::uint32_t term = 1;

  /// How clients find the whole set.
  std::string hosts() const {
    std::string result;
    for (const auto& each : members)
      result += (result.empty() ? "" : ",") + each.address;
    return result;
  }

  /// Makes a member the primary, or none. Every member notices at once.
  void lead(std::optional<std::size_t> next) {
    if (next)
      ++term;
    primary = next;
    for (auto& each : members)
      ++each.version;
  }
};

} // namespace moor::test
