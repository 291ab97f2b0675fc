// A component whose secrets are plants, and all that it says.
#pragma once

#include <caf/test/dsl.hpp>

#include <caf/deep_to_string.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moor/moor.hpp"
#include "support/embedded_server.hpp"
#include "support/patience.hpp"
#include "support/plants.hpp"
#include "support/scratch_directory.hpp"

namespace moor::test {

using namespace std::chrono_literals;

/// What was said, and where: in the log, in an error, on a page. Any thread.
class heard {
public:
  void add(const std::string& where, const std::string& text);
  /// Whether something said there has `part` in it.
  bool says(const std::string& where, std::string_view part) const;
  /// All of it, one piece after the other.
  std::string all() const;

private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::string>> pieces_;
};

/// A pool on a server that demands a planted user's planted password. Whatever the tests bring
/// about is heard; `check` finds no plant in it.
class secrets_rig {
public:
  secrets_rig();
  ~secrets_rig();

  /// The server, which lives as long as the process. Another test may have ended it.
  static embedded_server& server();
  static std::string user() { return planted("user"); }
  static std::string password() { return planted("p@ss:w/o?r#d%25\"\\"); }
  static std::string uri(const std::string& user, const std::string& password,
                         const std::string& options = {});
  /// Runs a command at the server that moor knows nothing of.
  static void at_server(const std::string& json);
  /// Of moor's commands of that name, the next ones meet `what`, in the fail point's words.
  static void fail(const std::string& command, const std::string& what,
                   const std::string& mode = "\"alwaysOn\"");
  static void fail_no_more();

  /// Starts the pool; the test fails if that does.
  pool_actor start();
  /// What is said of a pool that cannot be started.
  void start_in_vain(const settings& with);

  /// Whether a command was answered well; its error is heard, its answer is the borrower's own.
  bool ask(const target& on, request_options options, const std::string& json,
           const std::string& database = "moor_test");
  template <class F>
  bool run(const target& on, request_options options, F function) {
    bool ok = false;
    ask_run(self, on, std::move(options), std::move(function))
      .receive([&] { ok = true; }, [&](const caf::error& why) { hear(why); });
    return ok;
  }
  lease lend(const pool_actor& pool, request_options options, lease_options watched = {});

  void hear(const caf::error& why);
  /// All that can be asked of the pool, by messages and over HTTP.
  void gather(const pool_actor& pool);
  /// Finds no plant in what was heard, and keeps it as an artefact of that name.
  void check(const std::string& name);

  /// The body and head of an answer to a GET, with the right password or that one.
  std::string visit(const std::string& path, const std::string& headers = {});
  std::string visit_as(const std::string& password, const std::string& path,
                       const std::string& headers = {}, std::string_view until = {});

  /// Waits until `condition` holds; false if it never does.
  template <class Condition>
  bool eventually(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + forever;
    while (std::chrono::steady_clock::now() < give_up) {
      if (condition())
        return true;
      self->receive(caf::after(10ms) >> [] {});
    }
    return false;
  }
  bool comes(const std::string& where, const std::string& part) {
    return eventually([&] { return everything->says(where, part); });
  }

  std::shared_ptr<heard> everything = std::make_shared<heard>();
  scratch_directory directory;
  settings config;
  caf::actor_system_config caf_config;
  caf::actor_system system{caf_config};
  component db;
  caf::scoped_actor self{system};

private:
  void listen(const pool_actor& pool);

  std::string page_password_ = planted("page");
};

} // namespace moor::test
