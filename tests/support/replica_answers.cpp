#include "support/replica_answers.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "moor/mongo/bson.hpp"
#include "moor/mongo/handles.hpp"

namespace moor::test {

namespace {

using mongo::bson_owner;
using mongo::bson_view;

constexpr std::array hellos{"hello", "isMaster", "ismaster"};
constexpr std::array open_to_all{"buildInfo",   "connectionStatus", "endSessions", "getLog",
                                 "killCursors", "killSessions",     "ping",        "serverStatus"};
constexpr std::array cursor_reads{"aggregate", "find", "listCollections", "listIndexes"};
constexpr std::array other_reads{"count", "distinct", "getMore", "listDatabases"};
constexpr std::array counted_writes{"delete", "insert", "update"};

struct server_error {
  std::int32_t code;
  const char* name;
  const char* text;
};

constexpr std::array errors{
  server_error{91, "ShutdownInProgress", "The server is in quiesce mode and will shut down"},
  server_error{189, "PrimarySteppedDown", "The primary stepped down"},
  server_error{462, "IngressRequestRateLimitExceeded", "The server takes no request at this rate"},
  server_error{10107, "NotWritablePrimary", "not primary"},
  server_error{11602, "InterruptedDueToReplStateChange", "operation was interrupted"},
  server_error{13435, "NotPrimaryNoSecondaryOk", "not primary and secondaryOk=false"},
};

bool contains(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// A field of the command, or one inside of it ("$readPreference.mode").
std::optional<bson_iter_t> field_of(const bson_view& body, const char* path) {
  bson_iter_t from;
  bson_iter_t found;
  if (!bson_iter_init(&from, body.get()) || !bson_iter_find_descendant(&from, path, &found))
    return std::nullopt;
  return found;
}

std::string text_of(const bson_view& body, const char* path) {
  const auto field = field_of(body, path);
  return field && BSON_ITER_HOLDS_UTF8(&*field) ? bson_iter_utf8(&*field, nullptr) : "";
}

std::int64_t number_of(const bson_view& body, const char* path) {
  const auto field = field_of(body, path);
  return field && BSON_ITER_HOLDS_NUMBER(&*field) ? bson_iter_as_int64(&*field) : 0;
}

std::int64_t now_in_milliseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

bson_owner new_answer(bool ok) {
  bson_owner result{bson_new()};
  BSON_APPEND_DOUBLE(result.get(), "ok", ok ? 1 : 0);
  return result;
}

void append_texts(bson_t* to, const char* key, const std::vector<std::string>& texts) {
  bson_t list;
  BSON_APPEND_ARRAY_BEGIN(to, key, &list);
  for (std::size_t i = 0; i < texts.size(); ++i)
    BSON_APPEND_UTF8(&list, std::to_string(i).c_str(), texts[i].c_str());
  bson_append_array_end(to, &list);
}

void append_version(bson_t* to, const replica_member& of) {
  bson_t inner;
  BSON_APPEND_DOCUMENT_BEGIN(to, "topologyVersion", &inner);
  BSON_APPEND_OID(&inner, "processId", &of.process);
  BSON_APPEND_INT64(&inner, "counter", of.version);
  bson_append_document_end(to, &inner);
}

/// As servers make it: larger with every term.
bson_oid_t election_id(std::uint32_t term) {
  bson_oid_t result{{0x7f, 0xff, 0xff, 0xff}};
  for (std::size_t i = 0; i < sizeof term; ++i)
    result.bytes[11 - i] = static_cast<std::uint8_t>(term >> (8 * i));
  return result;
}

document error(std::int32_t code, const std::vector<std::string>& labels,
               const replica_member* versioned = nullptr) {
  const auto row = std::ranges::find(errors, code, &server_error::code);
  const auto result = new_answer(false);
  BSON_APPEND_UTF8(result.get(), "errmsg", row->text);
  BSON_APPEND_INT32(result.get(), "code", code);
  BSON_APPEND_UTF8(result.get(), "codeName", row->name);
  if (!labels.empty())
    append_texts(result.get(), "errorLabels", labels);
  if (versioned != nullptr)
    append_version(result.get(), *versioned);
  return mongo::to_document(*result);
}

/// With the version, by which clients tell it from an older one, and for a retryable write with
/// the label, by which they repeat it.
document state_error(std::int32_t code, const wire_request& asked, const replica_member& by) {
  const bool retryable = field_of(bson_view{asked.body}, "txnNumber").has_value();
  return error(
    code, retryable ? std::vector<std::string>{"RetryableWriteError"} : std::vector<std::string>{},
    &by);
}

void append_last_write(bson_t* to, const replica_member& of, std::uint32_t term, std::int64_t now) {
  const auto date = now - of.lag.count();
  bson_t write;
  bson_t time;
  BSON_APPEND_DOCUMENT_BEGIN(to, "lastWrite", &write);
  BSON_APPEND_DOCUMENT_BEGIN(&write, "opTime", &time);
  BSON_APPEND_TIMESTAMP(&time, "ts", static_cast<std::uint32_t>(date / 1000), 1);
  BSON_APPEND_INT64(&time, "t", term);
  bson_append_document_end(&write, &time);
  BSON_APPEND_DATE_TIME(&write, "lastWriteDate", date);
  bson_append_document_end(to, &write);
}

void append_limits(bson_t* to) {
  BSON_APPEND_INT32(to, "maxBsonObjectSize", 16 * 1024 * 1024);
  BSON_APPEND_INT32(to, "maxMessageSizeBytes", longest_message);
  BSON_APPEND_INT32(to, "maxWriteBatchSize", 100'000);
  BSON_APPEND_INT32(to, "minWireVersion", 0);
  BSON_APPEND_INT32(to, "maxWireVersion", 17);
  BSON_APPEND_BOOL(to, "readOnly", false);
}

document answer_to_hello(const wire_request& asked, const replica_state& set, std::size_t by) {
  const auto& member = set.members[by];
  if (member.overloaded)
    return error(462, {"SystemOverloadedError", "RetryableError"});
  const bool leads = set.primary == by;
  const bool modern = name_of(asked) == "hello";
  const auto now = now_in_milliseconds();
  const auto result = new_answer(true);
  auto* to = result.get();
  BSON_APPEND_BOOL(to, modern ? "isWritablePrimary" : "ismaster", leads);
  BSON_APPEND_BOOL(to, "secondary", !leads);
  BSON_APPEND_BOOL(to, "helloOk", true);
  BSON_APPEND_UTF8(to, "setName", set.name.c_str());
  BSON_APPEND_INT32(to, "setVersion", 1);
  BSON_APPEND_UTF8(to, "me", member.address.c_str());
  std::vector<std::string> hosts;
  std::ranges::transform(set.members, std::back_inserter(hosts), &replica_member::address);
  append_texts(to, "hosts", hosts);
  if (set.primary)
    BSON_APPEND_UTF8(to, "primary", set.members[*set.primary].address.c_str());
  if (const auto id = election_id(set.term); leads)
    BSON_APPEND_OID(to, "electionId", &id);
  append_last_write(to, member, set.term, now);
  append_version(to, member);
  BSON_APPEND_DATE_TIME(to, "localTime", now);
  append_limits(to);
  if (set.sessions)
    BSON_APPEND_INT32(to, "logicalSessionTimeoutMinutes", 30);
  return mongo::to_document(*result);
}

document server_status(const replica_member& of) {
  const auto result = new_answer(true);
  bson_t inner;
  BSON_APPEND_UTF8(result.get(), "host", of.address.c_str());
  BSON_APPEND_DOCUMENT_BEGIN(result.get(), "connections", &inner);
  BSON_APPEND_INT32(&inner, "current", static_cast<std::int32_t>(of.open));
  BSON_APPEND_INT32(&inner, "available", 1000 - static_cast<std::int32_t>(of.open));
  BSON_APPEND_INT64(&inner, "totalCreated", static_cast<std::int64_t>(of.connections));
  bson_append_document_end(result.get(), &inner);
  return mongo::to_document(*result);
}

document empty_cursor(const wire_request& asked) {
  const bson_view body{asked.body};
  const auto name = text_of(body, "$db") + "." + text_of(body, name_of(asked).c_str());
  const auto result = new_answer(true);
  bson_t inner;
  BSON_APPEND_DOCUMENT_BEGIN(result.get(), "cursor", &inner);
  BSON_APPEND_INT64(&inner, "id", 0);
  BSON_APPEND_UTF8(&inner, "ns", name.c_str());
  append_texts(&inner, "firstBatch", {});
  bson_append_document_end(result.get(), &inner);
  return mongo::to_document(*result);
}

/// How many things a write is to do, in the message's sequences or in the command itself.
std::int32_t statements_of(const wire_request& asked) {
  auto result = asked.sequence;
  const bson_view body{asked.body};
  for (const char* list : {"documents", "updates", "deletes"}) {
    bson_iter_t each;
    if (const auto field = field_of(body, list); field && bson_iter_recurse(&*field, &each))
      while (bson_iter_next(&each))
        ++result;
  }
  return static_cast<std::int32_t>(result);
}

document plain_answer(const wire_request& asked) {
  const auto result = new_answer(true);
  if (contains(counted_writes, name_of(asked)))
    BSON_APPEND_INT32(result.get(), "n", statements_of(asked));
  return mongo::to_document(*result);
}

} // namespace

bool is_hello(const wire_request& asked) {
  return contains(hellos, name_of(asked));
}

bool needs_primary(const wire_request& asked) {
  const auto name = name_of(asked);
  if (is_hello(asked) || contains(open_to_all, name))
    return false;
  if (!contains(cursor_reads, name) && !contains(other_reads, name))
    return true;
  const auto mode = text_of(bson_view{asked.body}, "$readPreference.mode");
  return mode.empty() || mode == "primary";
}

std::optional<std::chrono::milliseconds> longest_wait(const replica_member& by,
                                                      const wire_request& asked) {
  const bson_view body{asked.body};
  const auto process = field_of(body, "topologyVersion.processId");
  if (!is_hello(asked) || !process || !BSON_ITER_HOLDS_OID(&*process)
      || !bson_oid_equal(bson_iter_oid(&*process), &by.process)
      || number_of(body, "topologyVersion.counter") != by.version)
    return std::nullopt;
  return std::chrono::milliseconds{number_of(body, "maxAwaitTimeMS")};
}

document answer_to(const wire_request& asked, const replica_state& set, std::size_t by) {
  const auto name = name_of(asked);
  if (is_hello(asked))
    return answer_to_hello(asked, set, by);
  if (set.primary != by && needs_primary(asked)) {
    const bool reads = contains(cursor_reads, name) || contains(other_reads, name);
    return state_error(reads ? 13435 : 10107, asked, set.members[by]);
  }
  if (name == "serverStatus")
    return server_status(set.members[by]);
  return contains(cursor_reads, name) ? empty_cursor(asked) : plain_answer(asked);
}

document answer_to_interrupted(const wire_request& asked, const replica_member& by,
                               interruption why) {
  return state_error(static_cast<std::int32_t>(why), asked, by);
}

} // namespace moor::test
