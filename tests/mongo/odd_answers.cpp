#define CAF_SUITE mongo_odd_answers

// Servers that answer, but not as servers do.

#include "mongo/scripted_server.hpp"
#include "mongo/server_rig.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace moor::test;

namespace {

const std::string hello = R"({"ok": 1, "ismaster": true, "maxWireVersion": 13})";
const std::string yes = R"({"ok": 1})";

} // namespace

CAF_TEST(a server that says yes is good enough) {
  const scripted_server server{hello, {yes}};
  const auto ours = established(server.uri());
  CAF_CHECK(has(answer(*ours, R"({"anything": 1})"), "\"ok\" : 1"));
}

CAF_TEST(a no without a code is no success) {
  for (const std::string no : {R"({"ok": 0})", R"({"ok": 0, "code": "odd"})", R"({"n": 1})"}) {
    const scripted_server server{hello, {yes, no}};
    const auto ours = established(server.uri());
    const auto got = failure_of(*ours, R"({"anything": 1})");
    CHECK_FAILURE(got, errc::operation_failed, spoils::nothing);
    CAF_CHECK_EQUAL(got.text, "the server answered with an error without a code");
    CAF_CHECK(!ours->take_failure());
    const scripted_server worse{hello, {no}};
    CHECK_FAILURE(refusal(settings_with(worse.uri())), errc::connect_failed, spoils::connection);
  }
}

CAF_TEST(a hello that is answered with no) {
  const scripted_server server{R"({"ok": 0})", {yes}};
  const auto got = refusal(settings_with(server.uri()));
  CHECK_FAILURE(got, errc::connect_failed, spoils::generation);
  CAF_CHECK_EQUAL(got.text, "the server answered the handshake with an error without a code");
}

CAF_TEST(an answer to hello that makes no sense) {
  for (const std::string odd :
       {R"({"ok": 1, "ismaster": 1})", R"({"ok": 1, "ismaster": true, "maxWireVersion": "odd"})",
        R"({"ok": 1, "ismaster": true, "maxWireVersion": 13, "hosts": 1})"}) {
    const scripted_server server{odd, {yes}};
    const auto got = refusal(settings_with(server.uri()));
    CHECK_FAILURE(got, errc::connect_failed, spoils::connection);
    CAF_CHECK_EQUAL(got.text, "the server's answer to hello was not understood");
  }
}

CAF_TEST(an answer to hello of a server that is too old) {
  const scripted_server server{R"({"ok": 1, "ismaster": true, "maxWireVersion": 2})", {yes}};
  const auto got = refusal(settings_with(server.uri()));
  CHECK_FAILURE(got, errc::connect_failed, spoils::connection);
  CAF_CHECK(has(got.text, "wire version 2"));
}

// libmongoc, before its version 1.25, holds a lock while it dials a server that a hello named, and
// takes it once more if no stream comes of that. (CDRIVER-4666)
CAF_TEST(an answer to hello that names a member whose address cannot be found) {
  const scripted_server server{R"({"ok": 1, "ismaster": true, "maxWireVersion": 13,
                                   "setName": "set", "hosts": ["nowhere.invalid:27017"]})",
                               {yes}};
  const auto got = refusal(settings_with(server.uri() + "?replicaSet=set"));
  CHECK_FAILURE(got, errc::connect_failed, spoils::connection);
}
