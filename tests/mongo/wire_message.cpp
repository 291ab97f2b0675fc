#define CAF_SUITE mongo_wire_message

// The protocol as the servers of these tests speak it, and what they make of bytes that are none.

#include "support/wire_message.hpp"

#include <array>
#include <cstring>

#include "mongo/server_rig.hpp"
#include "support/loopback.hpp"
#include "support/scripted_replica_set.hpp"

#include <poll.h>
#include <sys/socket.h>

using namespace moor;
using namespace moor::test;

namespace {

constexpr std::int32_t op_query = 2004;
constexpr std::int32_t op_msg = 2013;

/// Little-endian, as all that these tests run on.
std::string bytes_of(std::int32_t number) {
  std::string result(sizeof number, '\0');
  std::memcpy(result.data(), &number, sizeof number);
  return result;
}

std::string message(std::int32_t kind, const std::string& rest) {
  return bytes_of(static_cast<std::int32_t>(16 + rest.size())) + bytes_of(7) + bytes_of(0)
         + bytes_of(kind) + rest;
}

std::string bson(const std::string& json) {
  const auto body = std::get<document>(mongo::from_json(json));
  return {body.bytes.begin(), body.bytes.end()};
}

std::string body_section(const std::string& json) {
  return std::string(1, '\0') + bson(json);
}

std::string sequence_section(const std::string& documents) {
  const auto rest = std::string("documents") + '\0' + documents;
  return '\1' + bytes_of(static_cast<std::int32_t>(4 + rest.size())) + rest;
}

const std::string no_flags = bytes_of(0);
const std::string ping = message(op_msg, no_flags + body_section(R"({"ping": 1})"));
const std::string legacy_hello = message(op_query, no_flags + "admin.$cmd" + '\0' + bytes_of(0)
                                                     + bytes_of(-1) + bson(R"({"isMaster": 1})"));

const std::string not_understood[] = {
  bytes_of(15) + std::string(12, '\0'), // shorter than its head
  bytes_of(-1) + std::string(12, '\0'),
  bytes_of(longest_message + 1) + std::string(12, '\0'),
  message(2012, no_flags),                           // compressed
  message(op_msg, ""),                               // no flags
  message(op_msg, no_flags),                         // no body
  message(op_msg, bytes_of(4) + body_section("{}")), // a flag not known
  message(op_msg, no_flags + "\2" + bson("{}")),     // a section not known
  message(op_msg, no_flags + body_section("{}") + body_section("{}")),
  message(op_msg, no_flags + std::string(1, '\0') + bytes_of(100)), // beyond the end
  message(op_msg, no_flags + std::string(1, '\0') + bytes_of(-5)),
  message(op_msg, no_flags + std::string(1, '\0') + bytes_of(4)), // no BSON
  message(op_msg, no_flags + '\1' + bytes_of(9) + "documents"),   // a name without end
  message(op_query, no_flags + "admin.$cmd"),
};

std::optional<wire_request> only_request(const std::string& bytes) {
  wire_inbox inbox;
  inbox.add(bytes);
  auto result = inbox.next();
  CAF_CHECK(!inbox.next());
  return result;
}

bool refused(const std::string& bytes) {
  wire_inbox inbox;
  inbox.add(bytes);
  try {
    inbox.next();
    return false;
  } catch (const wire_error& e) {
    CAF_MESSAGE(e.what());
    return true;
  }
}

/// A client without a protocol.
descriptor connected_to(const std::string& member) {
  const auto port = std::stoi(member.substr(member.find(':') + 1));
  const auto address = loopback(static_cast<std::uint16_t>(port));
  descriptor result{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (::connect(result.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot connect to a member");
  return result;
}

/// Whether the other side closes, and says nothing before.
bool is_closed(const descriptor& socket) {
  pollfd entry{socket.get(), POLLIN, 0};
  std::array<char, 16> bytes{};
  return ::poll(&entry, 1, static_cast<int>(std::chrono::milliseconds{forever}.count())) == 1
         && ::recv(socket.get(), bytes.data(), bytes.size(), 0) <= 0;
}

} // namespace

CAF_TEST(a request is there when its last byte has come) {
  wire_inbox inbox;
  for (const char byte : ping) {
    CAF_CHECK(!inbox.next());
    inbox.add({&byte, 1});
  }
  const auto got = inbox.next();
  CAF_REQUIRE(got.has_value());
  CAF_CHECK_EQUAL(name_of(*got), "ping");
  CAF_CHECK_EQUAL(got->number, 7);
  CAF_CHECK(!got->legacy && !got->answerless);
}

CAF_TEST(requests come one after the other) {
  wire_inbox inbox;
  inbox.add(ping + legacy_hello + ping.substr(0, 20));
  CAF_CHECK_EQUAL(name_of(inbox.next().value()), "ping");
  const auto second = inbox.next();
  CAF_REQUIRE(second.has_value());
  CAF_CHECK(second->legacy);
  CAF_CHECK_EQUAL(name_of(*second), "isMaster");
  CAF_CHECK(!inbox.next());
}

CAF_TEST(documents beside the body are counted) {
  const auto three = bson("{}") + bson(R"({"a": 1})") + bson("{}");
  for (const auto& sections : {sequence_section(three) + body_section(R"({"insert": "things"})"),
                               body_section(R"({"insert": "things"})") + sequence_section(three)}) {
    const auto got = only_request(message(op_msg, bytes_of(2) + sections));
    CAF_REQUIRE(got.has_value());
    CAF_CHECK_EQUAL(got->sequence, 3u);
    CAF_CHECK(got->answerless);
  }
}

CAF_TEST(what is no message is refused) {
  for (const auto& bytes : not_understood)
    CAF_CHECK(refused(bytes));
}

CAF_TEST(what is no message ends its connection and no other) {
  const scripted_replica_set set{{.members = 1}};
  const auto ours = established(set.uri());
  const auto silent = connected_to(set.address_of(0));
  for (const auto& bytes : not_understood) {
    const auto client = connected_to(set.address_of(0));
    CAF_CHECK_EQUAL(::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                    static_cast<ssize_t>(bytes.size()));
    CAF_CHECK(is_closed(client));
  }
  CAF_CHECK(!ours->ping(forever));
  CAF_CHECK_EQUAL(set.open(0), 2u);
}
