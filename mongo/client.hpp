// A connection of the port, made of one libmongoc client in single mode.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "moor/mongo/connect_plan.hpp"
#include "moor/mongo/dialer.hpp"
#include "moor/mongo/fiber_lane.hpp"
#include "moor/mongo/handles.hpp"
#include "moor/mongo/port.hpp"
#include "moor/mongo/watch.hpp"
#include "moor/mongo/wire.hpp"

namespace moor::mongo {

/// One client, its sockets and what was seen of their failures.
///
/// An interrupt ends a wait for the network at once. There is one wait that it cannot end: if the
/// first attempt of a retryable operation failed, libmongoc may sleep up to 500 ms before it looks
/// for a server again.
class client_connection final : public connection {
public:
  /// `lanes`: null for a connection that is used by threads alone.
  explicit client_connection(std::shared_ptr<const connect_plan> plan,
                             std::shared_ptr<fiber_lanes> lanes = nullptr);

  /// Tells the server which sessions end, unless the connection is spoilt or was interrupted;
  /// blocks up to a second.
  ~client_connection() override;

  /// If no member of a replica set takes writes, but a secondary answers, the connection is
  /// established all the same, and is `read_only`: where the connection string asks for the
  /// primary, its client reads with `primaryPreferred` then.
  std::optional<failure> establish() override;
  std::vector<step_record> steps() const override { return line_->steps().all(); }
  std::optional<tls_facts> tls() const override { return line_->tls(); }
  bool read_only() const noexcept override { return preference_ != nullptr; }
  std::optional<failure> ping(duration timeout) override;
  std::variant<document, failure> command(const std::string& database,
                                          const document& body) override;
  std::optional<failure> take_failure() override;
  failure weighed(failure why) const override { return watch_.weigh(std::move(why)); }
  void observe(observation how) override { watch_.observe(std::move(how)); }
  std::optional<purpose> use_for(std::optional<purpose> what) override {
    return watch_.use_for(std::move(what));
  }

  mongoc_client_t* client() noexcept override {
    uncertain_ = true;
    watch_.expect_any_command();
    return client_.get();
  }

  mongoc_client_t* client_in_use() const noexcept override { return client_.get(); }

  void interrupt() noexcept override { line_->cut(); }

  bool interrupted() const noexcept override { return line_->is_cut(); }

  bool ends_at_once() const noexcept override {
    return !client_ || line_->is_cut() || watch_.has_seen_failure();
  }

  std::shared_ptr<fiber_lane> lane() override;

  /// False if libmongoc may have to dial, to look at its servers again or, after a failure, to
  /// sleep. A search for a server that was in vain is among these failures, and nothing tells of
  /// one that the client's user met: so it is false until a command of moor's own succeeded.
  bool fits_fiber() override;

private:
  std::optional<failure> make_client();
  std::optional<failure> take_steps();
  void end_steps(const std::optional<failure>& problem);
  std::optional<failure> find_members();
  void make_read_only();
  void expect_a_secondary();
  std::variant<document, failure> run(const std::string& database, const document& body,
                                      bool establishing);

  std::shared_ptr<const connect_plan> plan_;
  std::shared_ptr<fiber_lanes> lanes_;
  std::once_flag lane_chosen_;
  std::shared_ptr<fiber_lane> lane_;
  std::shared_ptr<wire> line_ = std::make_shared<wire>();
  dialer dialer_;
  watch watch_;
  read_preference_owner preference_; // of a connection that is read-only; null otherwise
  wire::clock::time_point used_at_{};
  // What state libmongoc is in: others used the client, or its latest command failed.
  std::atomic<bool> uncertain_ = true;
  client_owner client_; // uses all of the above until it is gone
};

} // namespace moor::mongo
