// What a server may do to those who speak with it, over real sockets: each fault under a load, and
// full service afterwards. tests/chaos does the same for longer, and measures the times.
#define CAF_SUITE faults

#include "integration/rig.hpp"

#include "support/fault_proxy.hpp"

using namespace moor;
using namespace moor::test;

namespace {

struct faults_rig : server_rig {
  faults_rig() {
    config.uri = proxy.uri();
    config.connect_timeout = 1s;
    config.socket_timeout = 1s;
    config.min_pool_size = 2;
  }

  /// Sends more requests than there are connections, in the middle of whatever is going on.
  void ask_many() {
    for (int i = 0; i < 12; ++i)
      waiting.push_back(
        self->request(pool, forever,
                      moor::command{{.operation = "ping", .timeout = 500ms},
                                    "admin",
                                    std::get<document>(mongo::from_json(R"({"ping": 1})"))}));
  }

  /// Every one of them is answered, served or refused in moor's words.
  void collect() {
    for (auto& w : waiting)
      w.receive([](const document&) {},
                [](const caf::error& why) {
                  if (!code_of(why))
                    CAF_FAIL("not moor's answer: " << caf::to_string(why));
                });
    waiting.clear();
  }

  bool serves() { return command(pool, R"({"ping": 1})", 2s).value.has_value(); }

  /// As many connections at the server as the pool may have, and the connector's probe.
  void check_bounds() {
    CAF_CHECK(connections_at_server() <= static_cast<int>(config.max_pool_size) + 1);
  }

  template <class Begin, class End>
  void survive(Begin begin, End end) {
    pool = start();
    CAF_REQUIRE(serves());
    ask_many();
    begin();
    ask_many();
    self->receive(caf::after(300ms) >> [] {});
    ask_many();
    collect();
    end();
    CAF_CHECK(eventually([this] { return serves(); }));
    check_bounds();
    const auto s = stats(pool);
    CAF_CHECK_EQUAL(s.granted, s.returned + s.revoked + s.out);
    CAF_CHECK_EQUAL(s.out, 0u);
  }

  void survive(fault what) {
    survive([&] { proxy.set(what); }, [&] { proxy.set(fault::none); });
  }

  fault_proxy proxy{server.port(), {.delay = 100ms}};
  pool_actor pool;
  using response = decltype(std::declval<caf::scoped_actor&>()->request(
    std::declval<pool_actor&>(), forever, std::declval<moor::command>()));
  std::vector<response> waiting;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(faults_tests, faults_rig)

CAF_TEST(a server that is killed and started again) {
  survive([this] { server.kill_now(); }, [this] { server.restart(); });
}

CAF_TEST(a server that stalls) {
  survive([this] { server.pause(); }, [this] { server.resume(); });
}

CAF_TEST(connections that are reset) {
  survive(fault::reset);
}

CAF_TEST(a server that accepts and never answers) {
  survive(fault::silence);
}

CAF_TEST(a server that answers slowly) {
  survive(fault::slow);
}

CAF_TEST(a server that answers garbage) {
  survive(fault::garbage);
}

CAF_TEST(connections that are cut in the middle of a reply) {
  survive(fault::cut);
}

CAF_TEST(a server that refuses for a while) {
  survive(fault::refuse);
}

CAF_TEST_FIXTURE_SCOPE_END()
