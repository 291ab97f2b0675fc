#define CAF_SUITE config_toml_file

#include "moor/config/toml_file.hpp"

#include <string>
#include <vector>

#include <caf/test/unit_test.hpp>

#include "moor/config/setting_table.hpp"
#include "moor/config/toml_bounds.hpp"

using namespace moor;
using namespace std::chrono_literals;

namespace {

std::string sentences(const std::vector<finding>& findings) {
  std::string text;
  for (const auto& one : findings)
    text += to_string(one) + "\n";
  return text;
}

settings_file parse(const std::string& text) {
  return parse_settings_file(text, "m.toml");
}

/// What the file says for all pools, and for the pool at `index` if there is one.
resolved resolve_file(const settings_file& file, std::size_t index = 0) {
  std::vector<layer> layers{{source::code, {{"uri", "mongodb://code"}}}, file.common};
  if (index < file.pools.size())
    layers.push_back(file.pools[index].values);
  auto result = resolve(layers);
  result.findings.insert(result.findings.begin(), file.findings.begin(), file.findings.end());
  return result;
}

/// All that is wrong with a file, and with its values.
std::string found(const std::string& text) {
  return sentences(resolve_file(parse(text)).findings);
}

bool contains(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

} // namespace

CAF_TEST(every kind of value in its own form) {
  const auto result = resolve_file(parse("max-pool-size = 20\n"
                                         "min-pool-size = 0x0A\n"
                                         "keepalive = \"250ms\"\n"
                                         "max-idle-time = 0\n"
                                         "retry-multiplier = 3\n"
                                         "breaker-wait-multiplier = 1.5\n"
                                         "retry-jitter = 0.5\n"
                                         "critical-reserve = \"10%\"\n"
                                         "max-lifetime-jitter = 1\n"
                                         "name = 'orders'\n"
                                         "app-name = \"Bücher\"\n"
                                         "profile = \"production\"\n"
                                         "allow = \"no-tls, no-credentials\"\n"
                                         "leak-stack-traces = true\n"));
  CAF_CHECK_EQUAL(sentences(result.findings), "");
  const auto& x = result.value;
  CAF_CHECK_EQUAL(x.max_pool_size, 20U);
  CAF_CHECK_EQUAL(x.min_pool_size, 10U);
  CAF_CHECK(x.keepalive == 250ms);
  CAF_CHECK(x.max_idle_time == 0s);
  CAF_CHECK_EQUAL(x.retry.multiplier, 3.0);
  CAF_CHECK_EQUAL(x.breaker.wait_multiplier, 1.5);
  CAF_CHECK_EQUAL(x.retry.jitter, 0.5);
  CAF_CHECK_EQUAL(x.shedding.critical_reserve, 0.1);
  CAF_CHECK_EQUAL(x.max_lifetime_jitter, 1.0);
  CAF_CHECK_EQUAL(x.name, "orders");
  CAF_CHECK_EQUAL(x.app_name, "Bücher");
  CAF_CHECK(x.profile == profile::production);
  CAF_CHECK(x.leaks.stack_traces == toggle::on);
}

CAF_TEST(the origin of a value names file line and column) {
  const auto result = resolve_file(parse("[moor]\n  max-pool-size = 20\n"));
  const auto from = result.from.at(index_of("max-pool-size").value());
  CAF_CHECK(from.from == source::toml);
  CAF_CHECK_EQUAL(from.place, "m.toml:2:19");
  const auto lines = explain(result);
  CAF_CHECK_EQUAL(lines[index_of("max-pool-size").value()], "max-pool-size = \"20\" (m.toml:2:19)");
}

CAF_TEST(a table of moor or the top level mean the same) {
  for (const auto* text : {"max-pool-size = 7\n[pools.a]\nname2 = 1\n",
                           "[moor]\nmax-pool-size = 7\n[moor.pools.a]\nname2 = 1\n",
                           "moor.max-pool-size = 7\nmoor.pools.a.name2 = 1\n",
                           "moor = { max-pool-size = 7, pools = { a = { name2 = 1 } } }\n"}) {
    const auto file = parse(text);
    CAF_CHECK_EQUAL(resolve_file(file).value.max_pool_size, 7U);
    CAF_REQUIRE_EQUAL(file.pools.size(), 1U);
    CAF_CHECK_EQUAL(file.pools[0].name, "a");
    CAF_REQUIRE_EQUAL(file.findings.size(), 1U);
    CAF_CHECK_EQUAL(file.findings[0].setting, "\"name2\"");
  }
}

CAF_TEST(pools inherit and come in the order of the file) {
  const auto file = parse("[moor]\nmax-pool-size = 7\nkeepalive = \"3s\"\n"
                          "[moor.pools.z]\nmax-pool-size = 8\n"
                          "[moor.pools.a]\nkeepalive = \"4s\"\nuri = \"mongodb://a\"\n");
  CAF_REQUIRE_EQUAL(file.pools.size(), 2U);
  const auto z = resolve_file(file, 0);
  const auto a = resolve_file(file, 1);
  CAF_CHECK_EQUAL(sentences(z.findings) + sentences(a.findings), "");
  CAF_CHECK_EQUAL(z.value.name, "z");
  CAF_CHECK_EQUAL(z.value.max_pool_size, 8U);
  CAF_CHECK(z.value.keepalive == 3s);
  CAF_CHECK_EQUAL(z.value.uri.reveal(), "mongodb://code");
  CAF_CHECK_EQUAL(a.value.name, "a");
  CAF_CHECK_EQUAL(a.value.max_pool_size, 7U);
  CAF_CHECK(a.value.keepalive == 4s);
  CAF_CHECK_EQUAL(a.value.uri.reveal(), "mongodb://a");
  CAF_CHECK(a.from.at(index_of("keepalive").value()).from == source::pool);
  CAF_CHECK(a.from.at(index_of("max-pool-size").value()).from == source::toml);
}

CAF_TEST(what is said of one pool counts more than what is said of all) {
  const auto file = parse("[moor.pools.a]\nmax-pool-size = 8\n");
  const auto result
    = resolve({{source::code, {{"uri", "mongodb://db"}}},
               {source::environment, {{"max-pool-size", "3"}, {"name", "b"}}},
               {source::command_line, {{"max-pool-size", "4"}, {"keepalive", "5s"}}},
               file.pools.at(0).values});
  CAF_CHECK_EQUAL(result.value.max_pool_size, 8U);
  CAF_CHECK_EQUAL(result.value.name, "a");
  CAF_CHECK(result.value.keepalive == 5s);
}

CAF_TEST(wrong types are named with their place) {
  const std::string places = "allowed is";
  const auto check = [&](const std::string& line, const std::string& expected) {
    const auto text = found("\n" + line + "\n");
    CAF_CHECK_EQUAL(text.substr(0, text.find(';')), expected);
  };
  check("max-pool-size = \"20\"",
        "max-pool-size = \"20\" (m.toml:2:17) is a text in quotes, not a count");
  check("max-pool-size = 20.0",
        "max-pool-size = \"20.0\" (m.toml:2:17) is not a whole number of decimal digits");
  check("max-pool-size = -3", "max-pool-size = \"-3\" (m.toml:2:17) is negative");
  check("max-pool-size = 0", "max-pool-size = \"0\" (m.toml:2:17) is too small");
  check("max-pool-size = true", "max-pool-size = \"true\" (m.toml:2:17) is a boolean, not a count");
  check("max-pool-size = [1]", "max-pool-size = \"[...]\" (m.toml:2:17) is a list");
  check("[max-pool-size]", "max-pool-size = \"{...}\" (m.toml:2:1) is a table");
  check("keepalive = 60", "keepalive = \"60\" (m.toml:2:13) has no unit (ns, us, ms, s, min or h)");
  check("keepalive = 1979-05-27",
        "keepalive = \"\" (m.toml:2:13) is a date or time, not a duration");
  check("retry-multiplier = \"2\"",
        "retry-multiplier = \"2\" (m.toml:2:20) is a text in quotes, not a number");
  check("retry-multiplier = inf",
        "retry-multiplier = \"inf\" (m.toml:2:20) does not start with a digit");
  check("retry-jitter = \"half\"",
        "retry-jitter = \"half\" (m.toml:2:16) does not start with a digit");
  check("name = 5", "name = \"5\" (m.toml:2:8) is a number, not a text");
  check("app-name = true", "app-name = \"true\" (m.toml:2:12) is a boolean, not a text");
  check("leak-stack-traces = 1",
        "leak-stack-traces = \"1\" (m.toml:2:21) is a number, not a toggle");
  check("breaker-mode = true", "breaker-mode = \"true\" (m.toml:2:16) is a boolean, not a text");
}

CAF_TEST(unknown keys are named without their values and with the nearest name) {
  CAF_CHECK_EQUAL(found("max-pol-size = 'secret'\n"),
                  "\"max-pol-size\" (m.toml:1:1) is not a setting of moor; the nearest one is "
                  "max-pool-size.\n");
  CAF_CHECK_EQUAL(found("[moor]\ncolour = 'secret'\n"),
                  "\"colour\" (m.toml:2:1) is not a setting of moor; docs/configuration.md lists "
                  "them all.\n");
  CAF_CHECK(contains(found("[moor.pool.a]\n"), "\"pool\" (m.toml:1:7) is not a setting of moor; "
                                               "the nearest one is pools"));
  CAF_CHECK(contains(found("[mor]\nmax-pool-size = 1\n"), "the nearest one is moor"));
  CAF_CHECK(contains(found("[pools.a]\nmax-pol-size = 1\n"), "the nearest one is max-pool-size"));
  const std::string shared = "a file shared with others has moor's settings in the table [moor]";
  CAF_CHECK_EQUAL(found("max-pool-size = 3\n[billing]\nport = 1\n"),
                  "\"billing\" (m.toml:2:2) is not a setting of moor; docs/configuration.md lists "
                  "them all; "
                    + shared + ".\n");
  CAF_CHECK(!contains(found("[moor]\n[moor.billing]\n"), shared));
  CAF_CHECK(!contains(found("[pools.a.billing]\n"), shared));
  CAF_CHECK(contains(found("MAX-POOL-SIZE = 1\n"), "the nearest one is max-pool-size"));
}

CAF_TEST(a file that moor shares) {
  CAF_CHECK_EQUAL(found("title = 'x'\nlevel = 5\n[moor]\nmax-pool-size = 3\n[billing]\nport = 1\n"
                        "[server]\n[door]\n"),
                  "");
  const std::string rest
    = " stands beside the table [moor]; allowed is within it; what is not moor's belongs into a "
      "table of another name.\n";
  CAF_CHECK_EQUAL(found("max-pool-size = 3\n[moor]\n"), "\"max-pool-size\" (m.toml:1:1)" + rest);
  CAF_CHECK_EQUAL(found("max-pol-size = 3\n[moor]\n"), "\"max-pol-size\" (m.toml:1:1)" + rest);
  CAF_CHECK_EQUAL(found("[moor]\n[Moor]\n"), "\"Moor\" (m.toml:2:2)" + rest);
  CAF_CHECK_EQUAL(found("[moor]\n[mor.pools.a]\n"), "\"mor\" (m.toml:2:2)" + rest);
  CAF_CHECK_EQUAL(found("[moor]\n[pools.a]\n"), "\"pools\" (m.toml:2:2)" + rest);
  CAF_CHECK_EQUAL(found("moor = 5\n"),
                  "moor (m.toml:1:8) is no table; allowed is the table [moor].\n");
}

CAF_TEST(pools that cannot be) {
  CAF_CHECK(contains(found("pools = 5\n"), "pools (m.toml:1:9) is no table; allowed are tables"));
  CAF_CHECK(contains(found("[[pools]]\n"), "pools (m.toml:1:1) is no table; allowed are tables"));
  CAF_CHECK(contains(found("[pools]\na = 5\n"), "pools.\"a\" (m.toml:2:1) is no table"));
  CAF_CHECK(contains(found("[pools.a]\nname = 'b'\n"), "name (m.toml:2:1) stands in the table of"));
  CAF_CHECK(
    contains(found("[pools.a-b]\n"), "name = \"a-b\" (m.toml:1:8) holds another character"));
  CAF_CHECK(contains(found("[pools.abcdefghijk]\n"), "is too long"));
  CAF_CHECK(contains(found("[pools.\"\"]\n"), "is empty"));
  CAF_CHECK(contains(found("[pools.a.pools.b]\n"), "\"pools\" (m.toml:1:10) is not a setting"));
  CAF_CHECK(parse("[pools]\n").pools.empty());
}

CAF_TEST(bad syntax is named with its place and quotes nothing) {
  const auto check = [](const std::string& text, const std::string& beginning) {
    const auto all = found(text);
    CAF_CHECK_EQUAL(all.substr(0, beginning.size()), beginning);
    CAF_CHECK(!contains(all, "s3cret"));
    CAF_CHECK_EQUAL(std::count(all.begin(), all.end(), '\n'), 1);
  };
  check("max-pool-size = 1\nmax-pool-size = 2\n",
        "config (m.toml:2:17) is not TOML: the key or table is there already; allowed is TOML 1.0");
  check("[moor]\n[moor]\n", "config (m.toml:2:");
  check("uri = mongodb://u:s3cret@db\n", "config (m.toml:1:7) is not TOML: Error while parsing");
  check("keepalive = 12345s3cret\n", "config (m.toml:1:");
  check("'s3cret' = 1\n's3cret' = 2\n", "config (m.toml:2:12) is not TOML: the key");
  check("s3cret\n", "config (m.toml:1:");
  check("a = \"s3cret\n", "config (m.toml:1:");
  check("a = 123456789012345678901234567890\n", "config (m.toml:1:");
  check(std::string("a = \"\0\"\n", 8), "config (m.toml:1:");
  check("a = \"caf\xE9\"\n", "config (m.toml:1:9) is not UTF-8");
  check("# \xC3\xA4\n\xC3\xA4\xFF", "config (m.toml:2:2) is not UTF-8");
  check("\xFF\xFE"
        "a",
        "config (m.toml:1:1) is not UTF-8");
  check("a = [1,}\n", "config (m.toml:1:8) closes a bracket that is not open");
  check("a = { b = 1 ]\n", "config (m.toml:1:13) closes a bracket that is not open");
  check("a = 1 \xC3\xA4\n", "config (m.toml:1:7) has a character beyond ASCII outside of quotes");
  check("a = \"\"\"\\\xC3\xA4\"\"\"\n", "config (m.toml:1:9) has an unknown escape sequence");
  for (const auto* nameless : {"[=]\n", " [[ !]]\n", "[,a]\n", "[.a]\n"})
    check(nameless, "config (m.toml:1:");
  check("[\x15x]\n", "config (m.toml:1:2) has a control character");
  check("a = [1979-05-27Te0]\n", "config (m.toml:1:16) has a date whose T no time follows");
  check("a = 1979-05-27t", "config (m.toml:1:15) has a date whose T no time follows");
  check("]\n", "config (m.toml:1:1) closes a bracket that is not open");
  for (const auto* word : {"a = 1b\"c\"", "a = 1.'b'", "a = 1='b'", "a=[ 1.'b']", "a ='b''c'"})
    check(word, "config (m.toml:1:7) has a quote within a key or a value");
  check("a = " + std::string(100, '[') + "\n",
        "config (m.toml:1:21) has values nested more than 16 deep");
}

CAF_TEST(nothing in a file can exhaust the stack) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i)
    deep += "a.";
  CAF_CHECK(contains(found(deep + "a = 1\n"), "m.toml:1:64) has a key of more than 32 parts"));
  CAF_CHECK(contains(found("[" + deep + "a]\n"), "has a key of more than 32 parts"));
  CAF_CHECK(contains(found("a = { " + deep + "a = 1 }\n"), "has a key of more than 32 parts"));
  CAF_CHECK(contains(found("a = " + std::string(500'000, '{')), "nested more than 16 deep"));
  std::string spaced;
  for (int i = 0; i < 100; ++i)
    spaced += "\"x\" . ";
  CAF_CHECK(find_excess(spaced + "a = 1").has_value());
}

CAF_TEST(dots that belong to no key are not counted) {
  const std::string dots(100, '.');
  for (const auto& text : {"a = \"" + dots + "\"", "a = '" + dots + "'", "# " + dots,
                           "a = \"\"\"\n" + dots + "\n\"\"\"\"\"", "a = '''\n" + dots + "'''''",
                           "a = \"\\\"" + dots + "\""})
    CAF_CHECK(!find_excess(text + "\nb = 1.5\n"));
  std::string list = "a = [";
  for (int i = 0; i < 100; ++i)
    list += "1.5, ";
  CAF_CHECK(!find_excess(list + "]"));
  CAF_CHECK(!find_excess(""));
  for (const auto* text : {"\"a\".'b' = 'c'", "a.'b'.c='d'", "[a.'b']", "[[a.'b'.c]]",
                           "a={b.'c'='d'}", "a = ['b','c'\n,\"d\" ]", "\xEF\xBB\xBF'a'=1"})
    CAF_CHECK(!find_excess(text));
  const auto behind = find_excess("a = '''x'''\n" + dots);
  CAF_REQUIRE(behind.has_value());
  CAF_CHECK_EQUAL(behind->line, 2U);
}

CAF_TEST(large files and many mistakes are bounded) {
  CAF_CHECK(contains(found(std::string(largest_settings_file + 1, '#')),
                     "config (m.toml) is larger than 1 MiB"));
  CAF_CHECK_EQUAL(found("#" + std::string(largest_settings_file - 1, '.')), "");
  std::string many;
  for (int i = 0; i < 1000; ++i)
    many += "unknown" + std::to_string(i) + " = 1\n";
  const auto file = parse(many);
  CAF_CHECK_EQUAL(file.findings.size(), 51U);
  CAF_CHECK_EQUAL(file.findings.back().problem, "has more mistakes than are listed");
}

CAF_TEST(the name of the file cannot break a line) {
  const auto file = parse_settings_file("x = 1", "a\nb");
  CAF_REQUIRE_EQUAL(file.findings.size(), 1U);
  CAF_CHECK_EQUAL(file.findings[0].where, "\"a\\x0Ab\":1:1");
}

CAF_TEST(an empty file says nothing) {
  for (const auto* text : {"", "\n", "# comment\n", "\xEF\xBB\xBF", "[moor]\n"})
    CAF_CHECK_EQUAL(found(text), "");
}
