#include "moor/mongo/watch.hpp"

#include <string_view>
#include <utility>

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

} // namespace

void watch::install(mongoc_client_t* client) {
  client_ = client;
  ask_for_events(false);
}

// Without a purpose the event stays as it is: that comes between any two of them.
std::optional<purpose> watch::use_for(std::optional<purpose> what) {
  const auto has_purpose = what.has_value();
  auto before = commands_.use_for(std::move(what));
  if (client_ != nullptr && has_purpose && sees_started_ != commands_.may_be_slow())
    ask_for_events(commands_.may_be_slow());
  return before;
}

void watch::ask_for_events(bool started_too) {
  sees_started_ = started_too;
  const apm_callbacks_owner callbacks{mongoc_apm_callbacks_new()};
  if (started_too)
    mongoc_apm_set_command_started_cb(
      callbacks.get(), [](const mongoc_apm_command_started_t* event) noexcept {
        of(mongoc_apm_command_started_get_context(event)).commands_.on_started(event);
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
  mongoc_apm_set_server_changed_cb(
    callbacks.get(), [](const mongoc_apm_server_changed_t* event) noexcept {
      of(mongoc_apm_server_changed_get_context(event)).on_server_changed(event);
    });
  mongoc_client_set_apm_callbacks(client_, callbacks.get(), this); // copies them
}

failure watch::judge(const bson_error_t& error, const bson_t* reply, bool establishing) const {
  return translate(error, {establishing, line_.trouble(), reply, hello_refusal_.get()});
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

void watch::on_failed(const mongoc_apm_command_failed_t* event) {
  bson_error_t error{};
  mongoc_apm_command_failed_get_error(event, &error);
  record(judge(error, mongoc_apm_command_failed_get_reply(event), false));
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
  hello_refusal_.reset(says_ok(*answer) ? nullptr : bson_copy(answer));
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
