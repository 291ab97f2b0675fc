#include "moor/mongo/command_watch.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "moor/messages/requests.hpp"
#include "moor/mongo/command_shape.hpp"
#include "moor/mongo/translate.hpp"

namespace moor::mongo {

namespace {

/// Any name that a server accepts is shorter, but for a collection's in the rarest of cases.
constexpr std::size_t longest_name = 128;
constexpr std::uint32_t largest_kept = 2048;    // bytes of a command
constexpr std::size_t most_waiting_cursors = 8; // of one connection

std::string_view cut(std::string_view name) {
  return name.substr(0, longest_name);
}

/// A write that the server did not do, or not in full, is a success as a whole.
bool failed_in_part(const bson_t& reply) {
  return bson_has_field(&reply, "writeErrors") || bson_has_field(&reply, "writeConcernError");
}

std::int64_t cursor_of(const bson_t& reply) {
  bson_iter_t top;
  bson_iter_t id;
  return bson_iter_init(&top, &reply) && bson_iter_find_descendant(&top, "cursor.id", &id)
           ? bson_iter_as_int64(&id)
           : 0;
}

} // namespace

std::optional<purpose> command_watch::use_for(std::optional<purpose> what) {
  return std::exchange(purpose_, std::move(what));
}

duration command_watch::threshold() const noexcept {
  if (!is_observed())
    return duration::zero();
  const auto is_own = purpose_->slow_after > duration::zero();
  const auto limit = is_own ? purpose_->slow_after : how_.slow_after;
  return limit < longest_timeout ? limit : duration::zero();
}

void command_watch::on_started(const mongoc_apm_command_started_t* event) {
  if (!may_be_slow())
    return;
  const std::string_view name = mongoc_apm_command_started_get_command_name(event);
  const auto& body = *mongoc_apm_command_started_get_command(event);
  latest_.request = mongoc_apm_command_started_get_request_id(event);
  latest_.database = cut(mongoc_apm_command_started_get_database_name(event));
  latest_.opens_waiting_cursor = opens_waiting_cursor(name, body);
  keep(name, body);
}

// Few commands are slow, and to copy a small one is cheaper than to look at it.
void command_watch::keep(std::string_view name, const bson_t& body) {
  const auto* bytes = bson_get_data(&body);
  latest_.body.assign(bytes, bytes + (body.len <= largest_kept ? body.len : 0));
  if (latest_.body.empty())
    look_at(name, body);
}

void command_watch::announce(const std::string& database, const bson_t& body) {
  bson_iter_t first;
  if (!may_be_slow() || !bson_iter_init(&first, &body) || !bson_iter_next(&first))
    return;
  announced_ = {&database, &body, bson_iter_key(&first)};
  latest_.opens_waiting_cursor = opens_waiting_cursor(announced_.name, body);
}

/// An announced one by its name: before it, libmongoc may send others to authenticate.
bool command_watch::is_known(std::int64_t request, std::string_view name) const noexcept {
  return announced_.body != nullptr ? name == announced_.name : request == latest_.request;
}

void command_watch::look_at_known(std::string_view name) {
  bson_t body;
  if (announced_.body != nullptr) {
    latest_.database = cut(*announced_.database);
    return look_at(name, *announced_.body);
  }
  if (!latest_.body.empty() && bson_init_static(&body, latest_.body.data(), latest_.body.size()))
    look_at(name, body);
}

void command_watch::look_at(std::string_view name, const bson_t& body) {
  latest_.collection = cut(collection_of(name, body));
  latest_.waits = waits_for_data(name, body);
  write_shape(name, body, latest_.shape);
}

void command_watch::on_succeeded(const mongoc_apm_command_succeeded_t* event) {
  if (!is_observed())
    return;
  const auto& reply = *mongoc_apm_command_succeeded_get_reply(event);
  const auto request = mongoc_apm_command_succeeded_get_request_id(event);
  const std::string_view name = mongoc_apm_command_succeeded_get_command_name(event);
  if (latest_.opens_waiting_cursor && is_known(request, name)) {
    waiting_cursors_.push_back(cursor_of(reply));
    if (waiting_cursors_.size() > most_waiting_cursors)
      waiting_cursors_.pop_front();
  }
  report({request, name, mongoc_apm_command_succeeded_get_duration(event),
          mongoc_apm_command_succeeded_get_host(event), !says_ok(reply) || failed_in_part(reply)});
}

void command_watch::on_failed(const mongoc_apm_command_failed_t* event) {
  if (is_observed())
    report({mongoc_apm_command_failed_get_request_id(event),
            mongoc_apm_command_failed_get_command_name(event),
            mongoc_apm_command_failed_get_duration(event),
            mongoc_apm_command_failed_get_host(event), true});
}

// A bounded wait (`maxTimeMS`) is allowed to reads of such cursors only.
bool command_watch::waits_for_data(std::string_view name, const bson_t& body) const {
  bson_iter_t field;
  if (name != "getMore" || !bson_iter_init(&field, &body) || !bson_iter_next(&field))
    return false;
  const auto cursor = bson_iter_as_int64(&field);
  return bson_has_field(&body, "maxTimeMS")
         || std::find(waiting_cursors_.begin(), waiting_cursors_.end(), cursor)
              != waiting_cursors_.end();
}

void command_watch::report(const ending& how) {
  finished_command what;
  what.operation = purpose_->operation;
  what.took = std::chrono::microseconds{how.microseconds};
  what.failed = how.failed;
  if (may_be_slow() && what.took > threshold())
    describe(how, what);
  how_.by->finished(what);
}

/// It took long: says which one it was, unless it only waited for data.
void command_watch::describe(const ending& how, finished_command& what) {
  const auto known = is_known(how.request, how.name);
  if (known)
    look_at_known(how.name);
  what.slow = !(known && latest_.waits);
  if (!what.slow)
    return;
  what.connection = how_.connection;
  what.threshold = threshold();
  what.command = cut(how.name);
  what.server = how.server != nullptr ? how.server->host_and_port : "";
  if (known) {
    what.database = latest_.database;
    what.collection = latest_.collection;
    what.shape = latest_.shape;
  }
}

} // namespace moor::mongo
