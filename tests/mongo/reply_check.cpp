#define CAF_SUITE mongo_reply_check

#include "moor/mongo/reply_check.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <thread>

#include "mongo/peers.hpp"
#include "mongo/server_rig.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace moor::test;

namespace {

std::string number(std::int64_t value) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8)
    bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

constexpr std::int32_t op_reply = 1;
constexpr std::int32_t op_query = 2004;
constexpr std::int32_t op_get_more = 2005;
constexpr std::int32_t op_compressed = 2012;
constexpr std::int32_t op_msg = 2013;

std::string message(std::int32_t opcode, const std::string& rest) {
  return number(static_cast<std::int64_t>(16 + rest.size())) + number(1) + number(2)
         + number(opcode) + rest;
}

const std::string empty = number(5) + '\0'; // a document

std::string msg(std::uint32_t flags = 0, const std::string& rest = '\0' + empty) {
  return message(op_msg, number(flags) + rest);
}

std::string reply(std::int32_t count = 1, const std::string& documents = empty) {
  return message(op_reply,
                 number(8) + number(0) + number(0) + number(0) + number(count) + documents);
}

std::string compressed(std::int32_t opcode, std::int32_t size, char compressor) {
  return message(op_compressed, number(opcode) + number(size) + compressor + "whatever");
}

/// What the check says of `bytes`, which come in chunks of `chunk`, after `question`.
std::string verdict_after(std::string question, std::string bytes,
                          std::size_t chunk = std::numeric_limits<std::size_t>::max()) {
  reply_check check;
  // In two buffers, of which the second is not sent to its end.
  const iovec parts[]{{question.data(), 7}, {question.data() + 7, question.size() - 7}};
  check.sent(parts, 20);
  const iovec rest{question.data() + 20, question.size() - 20};
  check.sent({&rest, 1}, question.size() - 20);
  for (std::size_t at = 0; at < bytes.size(); at += std::min(chunk, bytes.size() - at)) {
    const auto size = std::min(chunk, bytes.size() - at);
    const iovec part{bytes.data() + at, bytes.size() - at};
    if (const auto wrong = check.received({&part, 1}, size); !wrong.empty())
      return std::string{wrong};
  }
  return "";
}

/// After a message of the kind `asked`.
std::string verdict(std::int32_t asked, std::string bytes,
                    std::size_t chunk = std::numeric_limits<std::size_t>::max()) {
  return verdict_after(message(asked, "whatever"), std::move(bytes), chunk);
}

const std::string out_of_range = "the size of a message is out of range";
const std::string no_answer = "a message is no answer to what was asked";
const std::string odd_msg = "an OP_MSG does not hold one document";

/// What the peer does around its words.
enum class manner : std::uint8_t {
  waits,       ///< is asked, answers, and waits until the other side has had enough
  closes,      ///< is asked, answers and closes
  resets,      ///< waits for a question, but does not read it
  speaks_first ///< does not wait for a question, and closes
};

/// Of a peer that says `bytes` and nothing else.
std::string refusal_after(const std::string& bytes, manner how = manner::waits) {
  const listener peer;
  std::thread odd{[&] {
    const auto client = peer.accept();
    std::string asked(10'000, '\0');
    if (how != manner::speaks_first)
      static_cast<void>(::recv(client.get(), asked.data(), how == manner::resets ? 1 : 10'000, 0));
    static_cast<void>(::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
    while (how == manner::waits && ::recv(client.get(), asked.data(), asked.size(), 0) > 0) {
    }
  }};
  const auto got = refusal(settings_with("mongodb://" + peer.address() + "/"));
  odd.join();
  CHECK_FAILURE(got, errc::connect_failed, spoils::connection);
  CAF_CHECK_EQUAL(to_string(got.cause), to_string(failure_cause::not_mongodb));
  return got.text;
}

} // namespace

CAF_TEST(replies of every kind are let through however they are cut) {
  const auto large = number(60'005) + std::string(60'000, 'x') + '\0';
  const auto many = msg() + msg(1u << 16) + msg(0, '\0' + large) + msg();
  for (const std::size_t chunk : {1, 2, 3, 5, 16, 21, 25, 26, 1000, 1'000'000})
    CAF_CHECK_EQUAL(verdict(op_msg, many, chunk), "");
  // As an exhaust cursor of an old server is answered.
  const auto replies = reply() + reply(2, empty + empty) + reply(0, "") + reply(1, large);
  for (const auto asked : {op_query, op_get_more})
    for (const std::size_t chunk : {1, 36, 1'000'000})
      CAF_CHECK_EQUAL(verdict(asked, replies, chunk), "");
}

CAF_TEST(what is compressed answers what was compressed) {
  const auto asked = number(op_msg) + number(40) + '\2' + std::string(30, 'z');
  const auto check
    = [&](const std::string& bytes) { return verdict_after(message(op_compressed, asked), bytes); };
  for (const char compressor : {'\1', '\2', '\3'})
    CAF_CHECK_EQUAL(check(compressed(op_msg, 40, compressor) + msg()), "");
  const std::string odd = "an OP_COMPRESSED does not hold an answer to what was asked";
  CAF_CHECK_EQUAL(check(compressed(op_msg, 40, '\0')), odd);
  CAF_CHECK_EQUAL(check(compressed(op_msg, 40, '\4')), odd);
  CAF_CHECK_EQUAL(check(compressed(op_msg, 4, '\2')), odd);
  CAF_CHECK_EQUAL(check(compressed(op_msg, -1, '\2')), odd);
  CAF_CHECK_EQUAL(check(compressed(op_msg, 48'000'001, '\2')), odd);
  CAF_CHECK_EQUAL(check(compressed(op_reply, 40, '\2')), odd);
  CAF_CHECK_EQUAL(verdict(op_msg, compressed(op_msg, 40, '\2')), no_answer);
}

CAF_TEST(what needs no answer is not what was asked) {
  CAF_CHECK_EQUAL(verdict_after(message(op_msg, "find") + message(2007, "kill cursors"), msg()),
                  "");
}

CAF_TEST(sizes that no message has) {
  for (const std::int64_t size : {0LL, 15LL, -1LL, 48'000'001LL, 2147483647LL})
    CAF_CHECK_EQUAL(verdict(op_msg, number(size)), out_of_range);
  CAF_CHECK_EQUAL(verdict(op_msg, number(48'000'000)), "");
  CAF_CHECK_EQUAL(verdict(op_msg, number(16) + number(1) + number(1) + number(op_msg)),
                  "a message is too short");
  CAF_CHECK_EQUAL(verdict(op_query, message(op_reply, std::string(19, '\0'))),
                  "a message is too short");
  CAF_CHECK_EQUAL(verdict(op_msg, msg(0, '\0' + number(4))), "a message is too short");
}

CAF_TEST(an answer to another kind of question) {
  CAF_CHECK_EQUAL(verdict(op_msg, reply()), no_answer);
  CAF_CHECK_EQUAL(verdict(op_query, msg()), no_answer);
  CAF_CHECK_EQUAL(verdict(op_msg, message(2002, std::string(40, '\0'))), no_answer);
  CAF_CHECK_EQUAL(verdict(op_msg, msg() + reply()), no_answer);
  reply_check unasked;
  auto bytes = msg();
  const iovec part{bytes.data(), bytes.size()};
  CAF_CHECK_EQUAL(std::string{unasked.received({&part, 1}, bytes.size())}, no_answer);
}

CAF_TEST(frames that do not hold together) {
  CAF_CHECK_EQUAL(verdict(op_msg, msg(0, '\1' + empty)), odd_msg);
  CAF_CHECK_EQUAL(verdict(op_msg, msg(0, '\0' + number(6) + '\0')), odd_msg);
  CAF_CHECK_EQUAL(verdict(op_msg, msg(0, '\0' + number(4) + '\0')), odd_msg);
  CAF_CHECK_EQUAL(verdict(op_msg, msg(0, '\0' + number(-5) + '\0')), odd_msg);
  CAF_CHECK_EQUAL(verdict(op_msg, msg(0, '\0' + number(5) + 'x')), odd_msg);
  CAF_CHECK_EQUAL(verdict(op_msg, msg(0, '\0' + number(0) + '\0')), odd_msg);
  for (const std::uint32_t flag : {1, 2, 4, 1 << 15})
    CAF_CHECK_EQUAL(verdict(op_msg, msg(flag, '\0' + empty + "csum")),
                    "an OP_MSG has flags that were not asked for");
}

CAF_TEST(noise is refused within the first sixteen bytes) {
  std::mt19937_64 random{1};
  for (int i = 0; i < 100'000; ++i) {
    std::string noise(16, '\0');
    std::ranges::generate(noise, [&] { return static_cast<char>(random()); });
    if (verdict(op_msg, noise).empty())
      CAF_FAIL("let through in round " << i);
  }
}

CAF_TEST(a peer that is no server is told at its first bytes) {
  for (const auto how : {manner::waits, manner::closes, manner::resets, manner::speaks_first}) {
    const auto http = refusal_after("HTTP/1.1 400 Bad Request\r\n\r\n", how);
    CAF_CHECK(http.ends_with(" does not speak MongoDB's wire protocol: it answers in HTTP"));
    const auto mail = refusal_after("220 mail.example ESMTP\r\n", how);
    CAF_CHECK(mail.ends_with(" does not speak MongoDB's wire protocol: " + out_of_range));
  }
  // A length that may be, and nothing behind it would come.
  const auto patient = refusal_after(number(1'000'000) + "odd odd odd odd");
  CAF_CHECK(patient.find(no_answer) != patient.npos);
}
