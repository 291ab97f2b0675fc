#define CAF_SUITE config_connection_string

#include "moor/config/connection_string.hpp"

#include <vector>

#include <caf/test/unit_test.hpp>

using namespace moor;

namespace {

connection_string parsed(std::string_view text) {
  auto result = parse_connection_string(text);
  if (const auto* error = std::get_if<connection_string_error>(&result))
    CAF_FAIL("refused: " << text << ": " << to_string(*error));
  return std::get<connection_string>(std::move(result));
}

/// "host 1, byte 10", or "accepted".
std::string refused_at(std::string_view text) {
  const auto result = parse_connection_string(text);
  const auto* error = std::get_if<connection_string_error>(&result);
  if (error == nullptr)
    return "accepted";
  CAF_CHECK(!error->problem.empty());
  return error->part + ", byte " + std::to_string(error->position);
}

struct one_host {
  const char* uri;
  host_identifier expected;
};

struct mistake {
  const char* uri;
  const char* where;
};

void check_all(const std::vector<mistake>& mistakes) {
  for (const auto& [uri, where] : mistakes)
    CAF_CHECK_EQUAL(std::string{uri} + " -> " + refused_at(uri), std::string{uri} + " -> " + where);
}

} // namespace

CAF_TEST(all parts are taken apart and decoded) {
  const auto uri = parsed("mongodb://us%40er:p%3Aw%25@db1.example:27018,[::1]/my%3Ddb?"
                          "replicaSet=rs%200&w=a=b&readPreferenceTags=dc:ny&readPreferenceTags=");
  CAF_CHECK(!uri.srv);
  CAF_CHECK_EQUAL(uri.user.value_or("none"), "us@er");
  CAF_CHECK_EQUAL(uri.password.value_or("none"), "p:w%");
  CAF_REQUIRE_EQUAL(uri.hosts.size(), 2U);
  CAF_CHECK(uri.hosts[0] == (host_identifier{host_kind::name, "db1.example", 27018}));
  CAF_CHECK(uri.hosts[1] == (host_identifier{host_kind::ip_literal, "::1", std::nullopt}));
  CAF_CHECK_EQUAL(uri.database, "my=db");
  const std::vector<uri_option> options{{"replicaSet", "rs 0"},
                                        {"w", "a=b"},
                                        {"readPreferenceTags", "dc:ny"},
                                        {"readPreferenceTags", ""}};
  CAF_CHECK(uri.options == options);
  CAF_CHECK_EQUAL(address_of(uri), "db1.example:27018,[::1]");
}

CAF_TEST(hosts of every kind) {
  const std::vector<one_host> all{
    {"mongodb://db", {host_kind::name, "db", {}}},
    {"mongodb://db:1", {host_kind::name, "db", 1}},
    {"mongodb://db:65535/", {host_kind::name, "db", 65535}},
    {"mongodb://b\xC3\xBC.example", {host_kind::name, "b\xC3\xBC.example", {}}},
    {"mongodb://b%C3%BC.example", {host_kind::name, "b\xC3\xBC.example", {}}},
    {"mongodb://10.0.0.255:27017", {host_kind::ipv4, "10.0.0.255", 27017}},
    {"mongodb://10.0.0.256", {host_kind::name, "10.0.0.256", {}}},
    {"mongodb://10.0.0", {host_kind::name, "10.0.0", {}}},
    {"mongodb://10.0.0.1.2", {host_kind::name, "10.0.0.1.2", {}}},
    {"mongodb://[2001:db8::1]", {host_kind::ip_literal, "2001:db8::1", {}}},
    {"mongodb://[fe80::1%25eth0]:7", {host_kind::ip_literal, "fe80::1%eth0", 7}},
    {"mongodb://%2Frun%2Fdb%201.sock", {host_kind::unix_socket, "/run/db 1.sock", {}}},
    {"mongodb://rel%2Fdb.sock/admin", {host_kind::unix_socket, "rel/db.sock", {}}},
    {"mongodb://db.sock", {host_kind::name, "db.sock", {}}},
  };
  for (const auto& [text, expected] : all) {
    CAF_MESSAGE(text);
    const auto uri = parsed(text);
    CAF_CHECK_EQUAL(uri.hosts.size(), 1U);
    CAF_CHECK(uri.hosts.front() == expected);
  }
}

CAF_TEST(user info is optional in each of its parts) {
  CAF_CHECK(!parsed("mongodb://db/admin").user);
  CAF_CHECK_EQUAL(parsed("mongodb://alice@db").user.value_or("none"), "alice");
  CAF_CHECK(!parsed("mongodb://alice@db").password);
  CAF_CHECK_EQUAL(parsed("mongodb://alice:@db").password.value_or("none"), "");
  CAF_CHECK_EQUAL(parsed("mongodb://!$&'()*+,;=-._~:p@db").user.value_or("none"),
                  "!$&'()*+,;=-._~");
}

CAF_TEST(database and options are optional and so is the slash between them) {
  CAF_CHECK_EQUAL(parsed("mongodb://db/").database, "");
  CAF_CHECK_EQUAL(parsed("mongodb://db/a%3Fb?w=1").database, "a?b");
  CAF_CHECK(parsed("mongodb://db/?").options.empty());
  CAF_CHECK_EQUAL(parsed("mongodb://db?tls=true").options.size(), 1U);
  const auto late = parsed("mongodb://db?a=x:mongodb://u@h/d?e");
  CAF_REQUIRE_EQUAL(late.options.size(), 1U);
  CAF_CHECK_EQUAL(late.options[0].value, "x:mongodb://u@h/d?e");
  CAF_CHECK_EQUAL(late.hosts.front().name, "db");
}

CAF_TEST(a service name) {
  const auto uri = parsed("mongodb+srv://u:p@cluster.example.net/db?tls=true");
  CAF_CHECK(uri.srv);
  CAF_CHECK_EQUAL(address_of(uri), "cluster.example.net");
  check_all({{"mongodb+srv://a.example,b.example", "host 1, byte 14"},
             {"mongodb+srv://a.example:27017", "host 1, byte 14"},
             {"mongodb+srv://10.0.0.1", "host 1, byte 14"},
             {"mongodb+srv://[::1]", "host 1, byte 14"},
             {"mongodb+srv://%2Frun%2Fdb.sock", "host 1, byte 14"}});
}

CAF_TEST(every mistake is found where it is) {
  check_all({{"", "scheme, byte 0"},
             {"db", "scheme, byte 0"},
             {"mongo://db", "scheme, byte 0"},
             {"mongodb:/db", "scheme, byte 0"},
             {"MONGODB://db", "scheme, byte 0"},
             {" mongodb://db", "scheme, byte 0"},
             {"mongodb://db\n", "text, byte 0"},
             {"mongodb://d\xFF", "text, byte 0"},
             {"mongodb://", "host 1, byte 10"},
             {"mongodb:///", "host 1, byte 10"},
             {"mongodb:///tmp/db.sock", "host 1, byte 10"},
             {"mongodb://db,", "host 2, byte 13"},
             {"mongodb://,db", "host 1, byte 10"},
             {"mongodb://a,,b", "host 2, byte 12"},
             {"mongodb://db:", "host 1, byte 13"},
             {"mongodb://db:0", "host 1, byte 13"},
             {"mongodb://db:65536", "host 1, byte 13"},
             {"mongodb://db:-1", "host 1, byte 13"},
             {"mongodb://db:+1", "host 1, byte 13"},
             {"mongodb://db: 1", "host 1, byte 13"},
             {"mongodb://db:1x", "host 1, byte 13"},
             {"mongodb://db::1", "host 1, byte 13"},
             {"mongodb://a,b:x", "host 2, byte 14"},
             {"mongodb://::1", "host 1, byte 10"},
             {"mongodb://[::1", "host 1, byte 10"},
             {"mongodb://[]", "host 1, byte 10"},
             {"mongodb://[db]", "host 1, byte 10"},
             {"mongodb://[::1]x", "host 1, byte 15"},
             {"mongodb://[::1]:x", "host 1, byte 16"},
             {"mongodb://two words", "host 1, byte 10"},
             {"mongodb://a%0Ab", "host 1, byte 10"},
             {"mongodb://a%zz", "host 1, byte 10"},
             {"mongodb://a%00b", "host 1, byte 10"},
             {"mongodb://%2Ftmp%2Fdb", "host 1, byte 10"},
             {"mongodb://%2Ftmp%2Fdb.sock:1", "host 1, byte 10"},
             {"mongodb://@db", "user info, byte 10"},
             {"mongodb://:p@db", "user info, byte 10"},
             {"mongodb://a:b:c@db", "user info, byte 10"},
             {"mongodb://a@b@db", "user info, byte 10"},
             {"mongodb://a%@db", "user info, byte 10"},
             {"mongodb://a:p%2@db", "user info, byte 12"},
             {"mongodb://a:p w@db", "user info, byte 10"},
             {"mongodb://a:p#w@db", "user info, byte 10"},
             {"mongodb://a:p\xC3\xBC@db", "user info, byte 10"},
             {"mongodb://a:p/w@db", "host 1, byte 12"},
             {"mongodb://a:1/w@db", "database, byte 14"},
             {"mongodb://db/a/b", "database, byte 13"},
             {"mongodb://db/a%2Fb", "database, byte 13"},
             {"mongodb://db/a b", "database, byte 13"},
             {"mongodb://db/a%22b", "database, byte 13"},
             {"mongodb://db/a$b", "database, byte 13"},
             {"mongodb://db/a\\b", "database, byte 13"},
             {"mongodb://db/a%0Ab", "database, byte 13"},
             {"mongodb://db/a%", "database, byte 13"},
             {"mongodb://db/?w", "option 1, byte 14"},
             {"mongodb://db/?=1", "option 1, byte 14"},
             {"mongodb://db/?w=1&", "option 2, byte 18"},
             {"mongodb://db/?w=1&&a=b", "option 2, byte 18"},
             {"mongodb://db/?w=1&a", "option 2, byte 18"},
             {"mongodb://db/?w=%", "option 1, byte 16"},
             {"mongodb://db?%zz=1", "option 1, byte 13"}});
}

CAF_TEST(no error quotes the connection string) {
  for (const char* uri : {"QZ",
                          "mysql://u:QZ@db",
                          "mongodb://u:QZ",
                          "mongodb://u:QZ@x@db",
                          "mongodb://u:QZ:x@db",
                          "mongodb://u:QZ%@db",
                          "mongodb://u:QZ#@db",
                          "mongodb://u:QZ/x@db",
                          "mongodb://u:1/QZ@db",
                          "mongodb://u:1/QZ/@db",
                          "mongodb://db:QZ",
                          "mongodb://[QZ",
                          "mongodb://[::1]QZ",
                          "mongodb://db QZ",
                          "mongodb://%2FQZ",
                          "mongodb://u:p@db/$QZ",
                          "mongodb://db?QZ",
                          "mongodb://db?a=QZ%",
                          "mongodb://u:QZ@db\n",
                          "mongodb+srv://QZ:1"}) {
    const auto result = parse_connection_string(uri);
    const auto* error = std::get_if<connection_string_error>(&result);
    CAF_REQUIRE(error != nullptr);
    CAF_MESSAGE(uri << ": " << to_string(*error));
    CAF_CHECK_EQUAL(to_string(*error).find("QZ"), std::string::npos);
  }
}
