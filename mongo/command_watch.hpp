// Times the commands of a client for an observer.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moor/mongo/command_observer.hpp"
#include "moor/mongo/handles.hpp"

namespace moor::mongo {

/// Reports every command that is sent while there is a purpose. Used by the thread that uses the
/// client.
///
/// The names in a command that another sent are to be had from its started event only, for which
/// libmongoc copies the documents of a write. So that event is asked for only where the client is
/// in other hands and something may be slow: where the threshold is neither 0 nor `longest_timeout`
/// or more, which nothing reaches.
class command_watch {
public:
  void observe(observation how) { how_ = std::move(how); }

  /// Returns the purpose until now.
  std::optional<purpose> use_for(std::optional<purpose> what);

  /// Whether commands of the present purpose may be slow.
  bool may_be_slow() const noexcept { return threshold() > duration::zero(); }

  /// The command that is sent next, without a started event; both stay until `forget_announced`.
  void announce(const std::string& database, const bson_t& body);
  void forget_announced() noexcept { announced_ = {}; }

  void on_started(const mongoc_apm_command_started_t* event);
  void on_succeeded(const mongoc_apm_command_succeeded_t* event);
  void on_failed(const mongoc_apm_command_failed_t* event);

private:
  /// What was seen of the command that was started last.
  struct command {
    std::int64_t request = 0; // libmongoc's number
    std::string database;
    std::vector<std::uint8_t> body; // if it is small; otherwise the rest is known already
    std::string collection;
    std::string shape;
    bool opens_waiting_cursor = false;
    bool waits = false; // for data, not for an answer
  };
  struct announcement {
    const std::string* database = nullptr; // null if nothing is announced
    const bson_t* body = nullptr;
    std::string_view name;
  };
  struct ending {
    std::int64_t request = 0;
    std::string_view name;
    std::int64_t microseconds = 0;
    const mongoc_host_list_t* server = nullptr;
    bool failed = false;
  };

  bool is_observed() const noexcept { return purpose_ && how_.by; }
  duration threshold() const noexcept;
  bool waits_for_data(std::string_view name, const bson_t& body) const;
  void keep(std::string_view name, const bson_t& body);
  bool is_known(std::int64_t request, std::string_view name) const noexcept;
  void look_at_known(std::string_view name);
  void look_at(std::string_view name, const bson_t& body);
  void report(const ending& how);
  void describe(const ending& how, finished_command& what);

  observation how_;
  std::optional<purpose> purpose_;
  command latest_;
  announcement announced_;
  std::deque<std::int64_t> waiting_cursors_; // the latest ones
};

} // namespace moor::mongo
