#define CAF_SUITE ctl_target

#include "moor/ctl/target.hpp"

#include <string>
#include <vector>

#include <caf/test/unit_test.hpp>

using namespace moor::ctl;

using hosts = std::vector<std::string>;

CAF_TEST(this machine is told from others) {
  CAF_CHECK_EQUAL(
    target_of(
      "mongodb://localhost,127.0.0.9:1,[::1],[::ffff:127.0.0.1],%2Ftmp%2Fa.sock,A.LocalHost/")
      .remote_hosts,
    hosts{});
  CAF_CHECK_EQUAL(target_of("mongodb://db,10.0.0.1,[fe80::1],localhost.example/").remote_hosts,
                  (hosts{"db", "10.0.0.1", "fe80::1", "localhost.example"}));
}

CAF_TEST(encryption and credentials are seen) {
  CAF_CHECK(!target_of("mongodb://db/").tls);
  CAF_CHECK(target_of("mongodb://db/?tls=true").tls);
  CAF_CHECK(target_of("mongodb://db/?SSL=true").tls);
  CAF_CHECK(!target_of("mongodb://db/?tls=false&tlsCAFile=x").tls);
  CAF_CHECK(target_of("mongodb://db/?tlsCAFile=x").tls);
  CAF_CHECK(target_of("mongodb+srv://db.example/").tls);
  CAF_CHECK(target_of("mongodb+srv://db.example/").srv);
  CAF_CHECK(!target_of("mongodb+srv://db.example/?tls=false").tls);
  CAF_CHECK(!target_of("mongodb://db/").credentials);
  CAF_CHECK(!target_of("mongodb://u@db/").credentials);
  CAF_CHECK(target_of("mongodb://u:p@db/").credentials);
  CAF_CHECK(target_of("mongodb://db/?authMechanism=MONGODB-X509").credentials);
}

CAF_TEST(what is no connection string leads nowhere) {
  const auto nowhere = target_of("secret");
  CAF_CHECK(!nowhere.tls && !nowhere.credentials && nowhere.remote_hosts.empty());
}
