#include "moor/mongo/watch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "moor/messages/overload.hpp"
#include "moor/mongo/translate.hpp"

namespace moor::mongo {

namespace {

/// The error inside of a reply that is a success as a whole: the write was done but not replicated.
std::optional<_bson_error_t> write_concern_error(const bson_t* reply) {
  bson_iter_t field;
  bson_iter_t code;
  if (!bson_iter_init_find(&field, reply, "writeConcernError") || !bson_iter_recurse(&field, &code)
      || !bson_iter_find(&code, "code") || !BSON_ITER_HOLDS_NUMBER(&code))
    return std::nullopt;
  bson_error_t result{};
  result.domain = MONGOC_ERROR_WRITE_CONCERN;
  result.code = static_cast<std::uint32_t>(bson_iter_as_int64(&code));
  return result;
}

/// Servers that a client of several servers needs: without one of these it cannot write.
bool leads(std::string_view server_type) {
  return server_type == "Standalone" || server_type == "RSPrimary" || server_type == "Mongos"
         || server_type == "LoadBalancer";
}

/// Of a replica set. Who left it is not forgotten, but no more are remembered.
constexpr std::size_t most_members = 50;

/// NotWritablePrimary in its three forms: the server is a secondary, and well.
bool denies_primary(std::int32_t code) {
  return code == 10058 || code == 10107 || code == 13435;
}

bool tells_overload(const std::pair<const std::string, bson_owner>& refusal) {
  return code_in(*refusal.second) == overload_code;
}

} // namespace

void watch::install(mongoc_client_t* client) {
  client_ = client;
  ask_for_events(true); // the first command ends the authentication
}

void watch::expect_any_command() noexcept {
  if (client_ != nullptr && sees_started_ != commands_.may_be_slow())
    ask_for_events(commands_.may_be_slow());
}

watch::known_command::known_command(watch& of, const std::string& database, const bson_t& body)
  : commands_{of.commands_} {
  if (of.sees_started_)
    of.ask_for_events(false);
  commands_.announce(database, body);
}

void watch::ask_for_events(bool started_too) noexcept {
  sees_started_ = started_too;
  const apm_callbacks_owner callbacks{mongoc_apm_callbacks_new()};
  if (started_too)
    mongoc_apm_set_command_started_cb(
      callbacks.get(), [](const mongoc_apm_command_started_t* event) noexcept {
        of(mongoc_apm_command_started_get_context(event)).on_started(event);
      });
  mongoc_apm_set_command_failed_cb(
    callbacks.get(), [](const mongoc_apm_command_failed_t* event) noexcept {
      of(mongoc_apm_command_failed_get_context(event)).on_failed(event);
    });
  mongoc_apm_set_command_succeeded_cb(
    callbacks.get(), [](const mongoc_apm_command_succeeded_t* event) noexcept {
      of(mongoc_apm_command_succeeded_get_context(event)).on_succeeded(event);
    });
  mongoc_apm_set_server_heartbeat_succeeded_cb(
    callbacks.get(), [](const mongoc_apm_server_heartbeat_succeeded_t* event) noexcept {
      of(mongoc_apm_server_heartbeat_succeeded_get_context(event)).on_hello(event);
    });
  mongoc_apm_set_server_heartbeat_failed_cb(
    callbacks.get(), [](const mongoc_apm_server_heartbeat_failed_t* event) noexcept {
      of(mongoc_apm_server_heartbeat_failed_get_context(event)).on_hello_lost(event);
    });
  mongoc_apm_set_server_changed_cb(
    callbacks.get(), [](const mongoc_apm_server_changed_t* event) noexcept {
      of(mongoc_apm_server_changed_get_context(event)).on_server_changed(event);
    });
  mongoc_client_set_apm_callbacks(client_, callbacks.get(), this); // copies them
}

failure watch::judge(const bson_error_t& error, const bson_t* reply, bool establishing) const {
  return weigh(translate(error, {establishing, line_.trouble(), reply, refusal_behind(error)}));
}

// SDAM ("Not writable primary and node is recovering") has such a server marked as unknown, for the
// client took it for a primary, and what it knows is outdated. A client that was told by the server
// itself that it is a secondary, and had no other, learns nothing new: its user wrote where nobody
// takes writes.
failure watch::weigh(failure why) const {
  // libmongoc hands out the labels of an answer with the reply alone.
  if (why.driver_code != 0 && why.driver_code == advised_for_ && why.advice == server_advice{})
    why.advice = advice_;
  if (secondary_ && why.code == errc::server_state_changed && denies_primary(why.driver_code)) {
    why.code = errc::read_only;
    why.reach = spoils::nothing;
  }
  return why;
}

// An authentication fails at the server that answered last. A search fails for want of each: an
// overloaded one comes first, since it alone is neither lost nor unfit.
const bson_t* watch::refusal_behind(const bson_error_t& error) const {
  auto found = refusals_.find(answered_last_);
  if (error.domain == MONGOC_ERROR_SERVER_SELECTION) {
    found = std::ranges::find_if(refusals_, tells_overload);
    if (found == refusals_.end())
      found = refusals_.begin();
  }
  return found == refusals_.end() ? nullptr : found->second.get();
}

bool watch::has_seen_overload() const noexcept {
  return std::ranges::any_of(refusals_, tells_overload);
}

void watch::record(failure seen) {
  if (seen.reach == spoils::nothing)
    return;
  has_seen_failure_ = true;
  if (!worst_ || seen.reach > worst_->reach)
    worst_ = std::move(seen);
}

std::optional<failure> watch::take() {
  return std::exchange(worst_, std::nullopt);
}

void watch::on_started(const mongoc_apm_command_started_t* event) {
  line_.steps().command_sent(mongoc_apm_command_started_get_host(event)->host_and_port,
                             authenticates_);
  commands_.on_started(event);
}

void watch::on_failed(const mongoc_apm_command_failed_t* event) {
  bson_error_t error{};
  mongoc_apm_command_failed_get_error(event, &error);
  auto seen = judge(error, mongoc_apm_command_failed_get_reply(event), false);
  advice_ = seen.advice;
  advised_for_ = seen.driver_code;
  record(std::move(seen));
  commands_.on_failed(event);
}

void watch::on_succeeded(const mongoc_apm_command_succeeded_t* event) {
  const auto* reply = mongoc_apm_command_succeeded_get_reply(event);
  if (const auto error = write_concern_error(reply))
    record(judge(*error, reply, false));
  commands_.on_succeeded(event);
}

// "Succeeded" means that an answer came. libmongoc forgets the code of a refusal.
void watch::on_hello(const mongoc_apm_server_heartbeat_succeeded_t* event) {
  const auto* answer = mongoc_apm_server_heartbeat_succeeded_get_reply(event);
  answered_last_ = mongoc_apm_server_heartbeat_succeeded_get_host(event)->host_and_port;
  line_.steps().hello_ended(answered_last_);
  looked_at_ = wire::clock::now();
  if (says_ok(*answer))
    refusals_.erase(answered_last_);
  else if (refusals_.size() < most_members || refusals_.contains(answered_last_))
    refusals_[answered_last_].reset(bson_copy(answer));
}

void watch::on_hello_lost(const mongoc_apm_server_heartbeat_failed_t* event) {
  refusals_.erase(mongoc_apm_server_heartbeat_failed_get_host(event)->host_and_port);
  looked_at_ = wire::clock::now();
}

// Within an operation, libmongoc may lose a server and dial it anew without any command failing.
void watch::on_server_changed(const mongoc_apm_server_changed_t* event) {
  const auto type = [](const mongoc_server_description_t* server) -> std::string_view {
    return mongoc_server_description_type(server);
  };
  const auto before = type(mongoc_apm_server_changed_get_previous_description(event));
  const auto after = type(mongoc_apm_server_changed_get_new_description(event));
  if (after != "Unknown" || before == "Unknown" || !(single_server_ || leads(before)))
    return;
  auto text = line_.trouble().text;
  record({errc::connection_lost, spoils::connection, 0,
          text.empty() ? "the client lost its server" : std::move(text)});
}

} // namespace moor::mongo
