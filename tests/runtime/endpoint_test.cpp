// The HTTP endpoint: what it answers, to whom, and how it fares with visitors who mean ill.
#define CAF_SUITE endpoint

#include "runtime/endpoint_rig.hpp"

#include "caf/test/dsl.hpp"

#include <array>
#include <atomic>
#include <fstream>
#include <thread>

#include <nlohmann/json.hpp>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include "moor/runtime/http/silence_watch.hpp"
#include "moor/runtime/http/snapshot_texts.hpp"
#include "support/certificates.hpp"
#include "support/loopback.hpp"
#include "support/plants.hpp"

using namespace moor;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

/// An endpoint on a free port.
struct open_rig : endpoint_rig {
  open_rig() { CAF_REQUIRE_EQUAL(start(), ""); }
};

using visitors = std::vector<std::unique_ptr<visitor>>;

/// Opens the endpoint and has 100 visitors say these words and no more; they are still there.
template <class Words>
visitors check_flood(endpoint_rig& rig, Words words_of) {
  rig.config.max_connections = 2;
  CAF_REQUIRE_EQUAL(rig.start(), "");
  // At a full patience each, they would take two minutes.
  visitors flood;
  for (int i = 0; i < 100; ++i) {
    flood.push_back(std::make_unique<visitor>(rig.port()));
    flood.back()->send(words_of(i));
  }
  const auto begin = std::chrono::steady_clock::now();
  CAF_CHECK_EQUAL(rig.get("/health/live").status, 200);
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 30s);
  return flood;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(open_endpoint_tests, open_rig)

CAF_TEST(says where it listens) {
  CAF_CHECK_NOT_EQUAL(port(), 0);
  CAF_CHECK_EQUAL(open->address(), "127.0.0.1:" + std::to_string(port()));
  CAF_CHECK_EQUAL(open->url(), "http://" + open->address() + "/");
}

CAF_TEST(liveness and readiness) {
  CAF_CHECK_EQUAL(get("/health/live").status, 200);
  CAF_CHECK_EQUAL(get("/health/ready").status, 503);

  put("a", health_state::healthy);
  put("b", health_state::degraded);
  auto ready = get("/health/ready");
  CAF_CHECK_EQUAL(ready.status, 200);
  auto said = nlohmann::json::parse(ready.body);
  CAF_CHECK_EQUAL(said["ready"], true);
  CAF_CHECK_EQUAL(said["pools"][1]["causes"][0], "planted cause");

  put("b", health_state::healthy, pool_phase::paused);
  CAF_CHECK_EQUAL(get("/health/ready").status, 503);
  put("b", health_state::unavailable);
  ready = get("/health/ready");
  CAF_CHECK_EQUAL(ready.status, 503);
  said = nlohmann::json::parse(ready.body);
  CAF_CHECK_EQUAL(said["ready"], false);
  CAF_CHECK_EQUAL(said["pools"][0]["ready"], true);
  CAF_CHECK_EQUAL(said["pools"][1]["state"], "unavailable");

  put("b", health_state::healthy, pool_phase::ready, false);
  said = nlohmann::json::parse(get("/health/ready").body);
  CAF_CHECK_EQUAL(said["ready"], false);
  CAF_CHECK_EQUAL(said["pools"][1]["answers"], false);
  put("b", health_state::healthy, pool_phase::ready, true, 5min);
  said = nlohmann::json::parse(get("/health/ready").body);
  CAF_CHECK_EQUAL(said["ready"], false);
  CAF_CHECK_EQUAL(said["pools"][1]["outdated"], true);
  put("b", health_state::healthy);
  CAF_CHECK_EQUAL(get("/health/ready").status, 200);
  CAF_CHECK_EQUAL(get("/health/live").status, 200);
}

CAF_TEST(stats hold what the board holds) {
  auto made = std::make_shared<pool_snapshot>();
  made->pool = "orders";
  made->view.stats.granted = 12'345;
  made->view.oldest_wait = 1'500us;
  made->view.wait_time.add(3ms);
  auto& lease = made->view.leases.emplace_back();
  lease.use = lease_use::run;
  lease.operation = "bad \xFF utf-8 \"<b>";
  made->health.server.connections_current = {true, 42};
  made->settings.push_back({"uri", "mongodb://***@host", "default"});
  shown->put(std::move(made));

  CAF_CHECK(!shown->is_watched());
  const auto answer = get("/stats?anything");
  CAF_CHECK(shown->is_watched());
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK_EQUAL(answer.header("content-type"), "application/json");
  const auto said = nlohmann::json::parse(answer.body);
  const auto& pool = said["pools"][0];
  CAF_CHECK_EQUAL(pool["pool"], "orders");
  CAF_CHECK_EQUAL(pool["view"]["stats"]["granted"], 12'345);
  CAF_CHECK_EQUAL(pool["view"]["oldest_wait_ms"], 1.5);
  CAF_CHECK_EQUAL(pool["view"]["wait_time"]["classes"][3], 1);
  CAF_CHECK_EQUAL(pool["view"]["leases"][0]["use"], "run");
  CAF_CHECK_EQUAL(pool["view"]["leases"][0]["operation"], "bad \xEF\xBF\xBD utf-8 \"<b>");
  CAF_CHECK_EQUAL(pool["health"]["server"]["connections_current"], 42);
  CAF_CHECK(pool["health"]["server"]["connections_available"].is_null());
  CAF_CHECK_EQUAL(pool["settings"][0]["source"], "default");
  CAF_CHECK_EQUAL(said["duration_classes_ms"].size() + 1,
                  pool["view"]["wait_time"]["classes"].size());
  CAF_CHECK_EQUAL(said["duration_classes_ms"][0], 0.5);
}

CAF_TEST(whoever looks is noticed and a scrape is no look) {
  std::atomic<int> rings{0};
  const auto bell = std::make_shared<const actors::board::bell>([&rings] { ++rings; });
  shown->hang(bell);
  shown->hang(std::make_shared<const actors::board::bell>([] { CAF_FAIL("rings after its end"); }));
  get("/metrics");
  get("/health/ready");
  CAF_CHECK_EQUAL(rings.load(), 0);
  const visitor one{port()};
  one.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  one.read_until("data: ");
  CAF_CHECK_EQUAL(rings.load(), 1);
}

CAF_TEST(the text of a snapshot is made once for all) {
  http::snapshot_texts texts;
  put("a", health_state::healthy);
  put("b", health_state::healthy);
  {
    const auto pools = shown->all();
    const auto first = texts.of(pools);
    CAF_CHECK(contains(*first[0], R"("pool":"a")"));
    std::vector<std::jthread> visitors;
    for (int i = 0; i < 4; ++i)
      visitors.emplace_back([&] {
        if (texts.of(pools) != first)
          CAF_FAIL("the texts were made again");
      });
  }
  const auto before = texts.of(shown->all());
  put("a", health_state::degraded);
  const auto after = texts.of(shown->all());
  CAF_CHECK(after[0] != before[0]);
  CAF_CHECK(contains(*after[0], "degraded"));
  CAF_CHECK(after[1] == before[1]);
  CAF_CHECK_EQUAL(texts.size(), 2u); // that of the former snapshot went with it
}

CAF_TEST(metrics in both formats) {
  auto& leases
    = prometheus::BuildCounter().Name("moor_leases_total").Help("a \"b\"\nc").Register(*registry);
  leases.Add({{"pool", "a\"\\\n"}}).Increment(3);
  prometheus::BuildGauge().Name("moor_share").Register(*registry).Add({}).Set(0.25);
  prometheus::BuildHistogram()
    .Name("moor_wait_seconds")
    .Register(*registry)
    .Add({}, prometheus::Histogram::BucketBoundaries{0.5, 1})
    .Observe(0.75);

  const auto text = get("/metrics");
  CAF_CHECK_EQUAL(text.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  CAF_CHECK(contains(text.body, "# TYPE moor_leases_total counter\n"));
  CAF_CHECK(contains(text.body, "moor_leases_total{pool=\"a\\\"\\\\\\n\"} 3\n"));

  const auto open_text = get("/metrics", "Accept: application/openmetrics-text; version=1.0.0\r\n");
  CAF_CHECK_EQUAL(open_text.header("content-type"),
                  "application/openmetrics-text; version=1.0.0; charset=utf-8");
  CAF_CHECK_EQUAL(open_text.body, "# HELP moor_leases a \\\"b\\\"\\nc\n"
                                  "# TYPE moor_leases counter\n"
                                  "moor_leases_total{pool=\"a\\\"\\\\\\n\"} 3\n"
                                  "# TYPE moor_share gauge\n"
                                  "moor_share 0.25\n"
                                  "# TYPE moor_wait_seconds histogram\n"
                                  "moor_wait_seconds_bucket{le=\"0.5\"} 0\n"
                                  "moor_wait_seconds_bucket{le=\"1.0\"} 1\n"
                                  "moor_wait_seconds_bucket{le=\"+Inf\"} 1\n"
                                  "moor_wait_seconds_count 1\n"
                                  "moor_wait_seconds_sum 0.75\n"
                                  "# EOF\n");
}

CAF_TEST(the format is what Accept asks for) {
  const auto is_open = [this](const std::string& accept) {
    const auto answer = get("/metrics", "Accept: " + accept + "\r\n");
    CAF_CHECK_EQUAL(answer.status, 200);
    return answer.header("content-type").starts_with("application/openmetrics-text");
  };
  // What Prometheus 2.42 sends.
  CAF_CHECK(is_open("application/openmetrics-text;version=1.0.0,"
                    "application/openmetrics-text;version=0.0.1;q=0.75,"
                    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
  CAF_CHECK(is_open("Application/OpenMetrics-Text ; q=0.5 , text/plain;q=0.4"));
  CAF_CHECK(is_open("application/openmetrics-text; version=1.0.0"));
  CAF_CHECK(!is_open("application/openmetrics-text;q=0.3,text/plain;q=0.4"));
  CAF_CHECK(!is_open("application/openmetrics-text;q=0"));
  CAF_CHECK(!is_open("application/openmetrics-text;version=2.0.0"));
  CAF_CHECK(!is_open("*/*"));
  for (const auto* bad : {"", ",;,;=", "application/openmetrics-text;q=x", ";q=1",
                          "application/openmetrics-text;q=1e999", "\xFF\xFE"})
    CAF_CHECK(!is_open(bad));
}

CAF_TEST(the page may do what it needs and nothing else) {
  const auto page = get("/");
  CAF_CHECK_EQUAL(page.status, 200);
  CAF_CHECK_EQUAL(page.header("content-type"), "text/html; charset=utf-8");
  const auto policy = page.header("content-security-policy");
  CAF_CHECK(contains(policy, "default-src 'none'; script-src 'nonce-"));
  CAF_CHECK(!contains(policy, "unsafe"));
  CAF_CHECK(!contains(page.body, "@nonce@"));
  for (const auto* elsewhere : {"src=\"", "url(", "@import", "innerHTML", "href=\"http"})
    CAF_CHECK(!contains(page.body, elsewhere));
  CAF_CHECK_NOT_EQUAL(policy, get("/").header("content-security-policy"));
}

CAF_TEST(every answer is fit for a browser) {
  for (const auto* path : {"/", "/stats", "/metrics", "/health/live", "/nothing"}) {
    const auto answer = get(path);
    CAF_CHECK_EQUAL(answer.header("x-content-type-options"), "nosniff");
    CAF_CHECK_EQUAL(answer.header("x-frame-options"), "DENY");
    CAF_CHECK_EQUAL(answer.header("cache-control"), "no-store");
    CAF_CHECK(contains(answer.header("content-security-policy"), "default-src 'none'"));
    CAF_CHECK_EQUAL(answer.header("server"), "");
  }
}

CAF_TEST(other methods and paths) {
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    const auto answer = send(std::string{method} + " /stats HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CAF_CHECK_EQUAL(answer.status, 405);
    CAF_CHECK_EQUAL(answer.header("allow"), "GET, HEAD");
  }
  for (const auto* path : {"/nothing", "/stats/", "/../etc/passwd", "/%2e%2e/etc/passwd", "/health",
                           "/%00", "/stats%00"})
    CAF_CHECK_EQUAL(get(path).status, 404);
  const auto head = send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CAF_CHECK_EQUAL(head.status, 200);
  CAF_CHECK_EQUAL(head.body, "");
}

CAF_TEST(old and odd requests) {
  CAF_CHECK_EQUAL(send("GET /health/live HTTP/1.0\r\n\r\n").status, 200);
  CAF_CHECK_EQUAL(send("GET /health/live HTTP/1.1\r\n\r\n").status, 400);
  CAF_CHECK_EQUAL(get("/health/live", "host: localhost\r\n").status, 400); // the second one
  CAF_CHECK_EQUAL(send("GET / HTTP/3.7\r\nHost: localhost\r\n\r\n").status, 505);
  CAF_CHECK_EQUAL(send("\x16\x03\x01 hello\r\n\r\n").status, 400);
  CAF_CHECK_EQUAL(get("/stats", "Content-Length: 5\r\n").status, 413);
  CAF_CHECK_EQUAL(get("/stats", "Transfer-Encoding: chunked\r\n").status, 413);
  CAF_CHECK_EQUAL(get("/stats", "Content-Length: -5\r\n").status, 411);
  CAF_CHECK_EQUAL(get("/stats", "X: " + std::string(20'000, 'a') + "\r\n").status, 431);
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += "X: a\r\n";
  CAF_CHECK_EQUAL(get("/stats", many).status, 431);
  CAF_CHECK_EQUAL(get("/health/live").status, 200);
}

CAF_TEST(far too large a request) {
  const visitor one{port()};
  one.send("GET / HTTP/1.1\r\nX: " + std::string(1'000'000, 'a'));
  // What was not read may reset the connection before the answer is.
  const auto answer = parse_reply(one.read_until());
  CAF_CHECK(answer.status == 400 || answer.status == 431 || answer.status == 0);
  CAF_CHECK_EQUAL(get("/health/live").status, 200);
}

CAF_TEST(names of others lead nowhere) {
  const auto with_host = [this](const std::string& host) {
    return send("GET /stats HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status;
  };
  CAF_CHECK_EQUAL(with_host("evil.example"), 421);
  CAF_CHECK_EQUAL(with_host("127.0.0.1.evil.example:80"), 421);
  CAF_CHECK_EQUAL(with_host("LocalHost:1234"), 200);
  CAF_CHECK_EQUAL(with_host("127.0.0.1"), 200);
  CAF_CHECK_EQUAL(with_host("[::1]:80"), 200);
}

CAF_TEST(streams tell of news and of life) {
  put("a", health_state::healthy);
  const visitor one{port()};
  one.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto start = one.read_until("\n\ndata: ");
  CAF_CHECK_EQUAL(parse_reply(start).header("content-type"), "text/event-stream");
  put("b", health_state::degraded);
  CAF_CHECK(contains(one.read_until("planted cause"), "planted cause"));
  CAF_CHECK(contains(one.read_until("event: beat"), "event: beat"));
  CAF_CHECK(shown->is_watched());
}

CAF_TEST(ends while streams and half requests are open) {
  const visitor streaming{port()};
  streaming.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  streaming.read_until("data: ");
  const visitor half{port()};
  half.send("GET /sta");
  const visitor silent{port()};
  open.reset();
  CAF_CHECK(!contains(half.read_until(), "200"));
  streaming.read_until(); // comes to an end
  silent.read_until();
}

CAF_TEST(visitors come and go in the middle of things) {
  for (int i = 0; i < 100; ++i) {
    const visitor one{port()};
    one.send(i % 2 == 0 ? "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n" : "GET /stats HT");
  }
  CAF_CHECK_EQUAL(get("/health/live").status, 200);
  // A place is free again when those who left are noticed.
  CAF_CHECK(eventually([this] { return get("/metrics").status == 200; }));
  CAF_CHECK(eventually([this] {
    const visitor one{port()};
    one.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return contains(one.read_until("data: "), "data: ");
  }));
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(endpoint_tests, endpoint_rig)

CAF_TEST(streams leave room for others) {
  config.max_connections = 4;
  CAF_REQUIRE_EQUAL(start(), "");
  std::vector<std::unique_ptr<visitor>> pages;
  for (int i = 0; i < 2; ++i) {
    pages.push_back(std::make_unique<visitor>(port()));
    pages.back()->send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CAF_CHECK(contains(pages.back()->read_until("data: "), "data: "));
  }
  const auto third = get("/events");
  CAF_CHECK_EQUAL(third.status, 503);
  CAF_CHECK_EQUAL(third.header("retry-after"), "2");
  CAF_CHECK_EQUAL(get("/metrics").status, 200);
  pages.clear();
  CAF_CHECK(eventually([this] {
    const visitor one{port()};
    one.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return contains(one.read_until("data: "), "data: ");
  }));
}

CAF_TEST(too many visitors are told so and the slow are sent away) {
  config.max_connections = 2;
  CAF_REQUIRE_EQUAL(start(), "");
  std::vector<std::unique_ptr<visitor>> slow;
  for (int i = 0; i < 2; ++i) {
    slow.push_back(std::make_unique<visitor>(port()));
    slow.back()->send("GET /metrics HTTP/1.1\r\nX: ");
  }
  CAF_CHECK(eventually([this] { return get("/metrics").status == 503; }));
  CAF_CHECK_EQUAL(get("/health/live").status, 200); // also from those who refuse
  // They would never end by themselves.
  for (const auto& one : slow)
    CAF_CHECK(!contains(one->read_until(), " 200 "));
  CAF_CHECK(eventually([this] { return get("/metrics").status == 200; }));
}

CAF_TEST(a flood of silent visitors delays health by little) {
  check_flood(*this, [](int i) -> std::string { return i % 2 == 0 ? "" : "GET /stats HT"; });
}

CAF_TEST(a flood of bodies that do not come delays health by little) {
  const auto words_of = [](int i) {
    return std::string{i % 2 == 0 ? "POST" : "GET"} + " /stats HTTP/1.1\r\nHost: localhost\r\n"
           + (i % 3 == 0 ? "Transfer-Encoding: chunked\r\n\r\n5\r\n"
                         : "Content-Length: 1000000\r\n\r\nx");
  };
  const auto flood = check_flood(*this, words_of);
  const auto status = parse_reply(flood.front()->read_until()).status;
  CAF_CHECK(status == 405 || status == 503); // if others had both places at that moment
  CAF_CHECK(eventually([&] {                 // once there is a place
    const visitor another{port()};
    another.send(words_of(0));
    return parse_reply(another.read_until()).status == 405;
  }));
}

CAF_TEST(only the silent are sent away while others wait) {
  const auto pair = [] {
    std::array<int, 2> both{};
    CAF_REQUIRE_EQUAL(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()), 0);
    return std::pair{descriptor{both[0]}, descriptor{both[1]}};
  };
  const auto asking = pair();
  const auto silent = pair();
  http::silence_watch watch{2, 1ms, [] { return true; }};
  watch.heard_from(asking.first.get());
  watch.has_asked(asking.first.get());
  watch.heard_from(silent.first.get());
  char byte = 0;
  CAF_CHECK_EQUAL(::recv(silent.first.get(), &byte, 1, 0), 0); // comes to an end
  CAF_CHECK_EQUAL(::recv(asking.first.get(), &byte, 1, MSG_DONTWAIT), -1);
  watch.is_gone(silent.first.get());
}

CAF_TEST(a user and a password) {
  scratch_directory directory;
  config.user = "operator";
  config.password_file = (directory.path() / "password").string();
  std::ofstream{config.password_file} << planted("open sesame") << "\r\nsecond line\n";
  CAF_REQUIRE_EQUAL(start(), "");
  const auto status = [this](const std::string& value) {
    return get("/stats", "Authorization: " + value + "\r\n").status;
  };
  for (const auto* path : {"/", "/stats", "/metrics", "/events", "/health/ready", "/health/live/",
                           "/health/live2", "/nothing"}) {
    const auto answer = get(path);
    CAF_CHECK_EQUAL(answer.status, 401);
    CAF_CHECK(answer.header("www-authenticate").starts_with("Basic realm="));
  }
  const auto live = get("/health/live"); // says nothing but that somebody is there
  CAF_CHECK_EQUAL(live.status, 200);
  CAF_CHECK_EQUAL(live.body, "{\"live\":true}");
  CAF_CHECK_EQUAL(base64("operator:open sesame"), "b3BlcmF0b3I6b3BlbiBzZXNhbWU=");
  CAF_CHECK_EQUAL(status("Basic " + base64("operator:" + planted("open sesame"))), 200);
  CAF_CHECK_EQUAL(status("basic " + base64("operator:" + planted("open sesame"))), 200);
  CAF_CHECK_EQUAL(status("Basic " + base64("operator:" + planted("open sesam"))), 401);
  CAF_CHECK_EQUAL(status("Basic " + base64("operator:" + planted("open sesamee"))), 401);
  CAF_CHECK_EQUAL(status("Basic " + base64(':' + planted("open sesame"))), 401);
  for (const auto* bad : {"Basic", "Basic ", "Basic =", "Basic ====", "Basic b3Bl%", "Bearer x",
                          "b3BlcmF0b3I6b3BlbiBzZXNhbWU="})
    CAF_CHECK_EQUAL(status(bad), 401);
}

CAF_TEST(credentials that are incomplete) {
  scratch_directory directory;
  const auto file = (directory.path() / "password").string();
  config.user = "operator";
  CAF_CHECK(contains(start(), "http-password-file is not"));
  config.password_file = file;
  CAF_CHECK(contains(start(), file + " cannot be read: No such file"));
  std::ofstream{file} << "\n" << planted("in the second line") << "\n";
  const auto empty = start();
  CAF_CHECK(contains(empty, file + " holds no password"));
  CAF_CHECK(!find_plant(empty));
  config.user.clear();
  CAF_CHECK(contains(start(), "http-user is not"));
}

CAF_TEST(a password in the place of the name of its file is not shown) {
  config.user = "visitor";
  config.password_file = "hunter2";
  const auto why = start();
  CAF_CHECK(contains(why, "the password file *** cannot be read"));
  CAF_CHECK(!contains(why, "hunter2"));
}

CAF_TEST(a password file that everybody may read is refused if nobody may) {
  using std::filesystem::perms;
  scratch_directory directory;
  config.user = "operator";
  config.password_file = (directory.path() / "password").string();
  std::ofstream{config.password_file} << planted("for everybody") << '\n';
  std::filesystem::permissions(config.password_file, perms::owner_read | perms::others_read);
  CAF_CHECK_EQUAL(start(), "");
  when_exposed = "is for everybody";
  CAF_CHECK(contains(start(), "the password file " + config.password_file + " is for everybody"));
  std::filesystem::permissions(config.password_file, perms::owner_read | perms::group_read);
  CAF_CHECK_EQUAL(start(), "");
}

CAF_TEST(addresses that cannot be had) {
  const auto taken = listening_socket(0);
  config.listen = "127.0.0.1:" + std::to_string(port_of(taken));
  auto why = start();
  CAF_CHECK(contains(why, config.listen));
  CAF_CHECK(contains(why, "Address already in use"));

  config.listen = "192.0.2.1:0"; // of no machine (RFC 5737)
  why = start();
  CAF_CHECK(contains(why, config.listen));
  CAF_CHECK(contains(why, "Cannot assign requested address"));

  for (const auto* bad : {"", "nothing", "127.0.0.1:99999", "127.0.0.1:0,0.0.0.0:0"}) {
    config.listen = bad;
    CAF_CHECK_NOT_EQUAL(start(), "");
  }
}

CAF_TEST(TLS is there or is refused in so many words) {
  const certificate_authority authority;
  const auto issued = authority.issue("localhost");
  config.certificate_file = issued.certificate.string();
  config.key_file = issued.key.string();
  for (int i = 0; i < 2; ++i) { // the second time, too
    const auto why = start();
    if (!why.empty()) {
      CAF_CHECK(contains(why, "cannot use the system's OpenSSL"));
      CAF_CHECK(contains(why, config.certificate_file));
      continue;
    }
    CAF_CHECK(open->url().starts_with("https://"));
    CAF_CHECK_NOT_EQUAL(get("/health/live").status, 200); // not without TLS
  }
}

CAF_TEST(IPv6 is there or is refused in so many words) {
  for (const auto* loopback : {"[::1]:0", "[0:0::0:1]:0"}) {
    config.listen = loopback;
    const auto why = start();
    if (!why.empty()) {
      CAF_CHECK(contains(why, "has no IPv6") || contains(why, "Cannot assign requested address"));
      continue;
    }
    CAF_CHECK(open->url().starts_with("http://[") && !open->url().ends_with(":0/"));
    const auto ask = [this](const std::string& host) {
      const visitor one{port(), AF_INET6};
      one.send("GET /health/live HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      return parse_reply(one.read_until()).status;
    };
    CAF_CHECK_EQUAL(ask(open->address()), 200);
    CAF_CHECK_EQUAL(ask("evil.example"), 421);
    open.reset(); // comes to an end there, too
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
