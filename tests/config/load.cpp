#define CAF_SUITE config_load

#include "moor/runtime/load.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include <caf/test/unit_test.hpp>

#include "moor/config/effective.hpp"
#include "moor/config/setting_table.hpp"
#include "moor/config/toml_file.hpp"
#include "moor/runtime/small_file.hpp"
#include "support/scratch_directory.hpp"

using namespace moor;
using namespace std::chrono_literals;

namespace {

struct fixture {
  fixture() { clear(); }
  ~fixture() { clear(); }

  static void clear() {
    for (const auto& entry : setting_table())
      ::unsetenv(std::string{entry.environment}.c_str());
    ::unsetenv("MOOR_CONFIG");
  }

  static void set(const char* name, const std::string& value) {
    CAF_REQUIRE_EQUAL(::setenv(name, value.c_str(), 1), 0);
  }

  /// A file with exactly that mode.
  std::string write(const std::string& name, const std::string& text, unsigned mode = 0600) const {
    const auto path = in_directory(name);
    std::ofstream{path, std::ios::binary} << text;
    CAF_REQUIRE_EQUAL(::chmod(path.c_str(), mode), 0);
    return path;
  }

  std::string in_directory(const std::string& name) const {
    return (directory.path() / name).string();
  }

  test::scratch_directory directory;
};

std::string sentences(const std::vector<finding>& findings) {
  std::string text;
  for (const auto& one : findings)
    text += to_string(one) + "\n";
  return text;
}

bool contains(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

setting_sources toml(const std::string& path) {
  setting_sources from;
  from.config_file = path;
  return from;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(load_tests, fixture)

CAF_TEST(a small file is read whole up to its bound) {
  const auto file = read_small_file(write("a", "text\n"), 5);
  CAF_CHECK_EQUAL(file.text.reveal(), "text\n");
  CAF_CHECK_EQUAL(read_small_file(write("b", ""), 5).problem, "");
  CAF_CHECK_EQUAL(read_small_file(write("c", "123456"), 5).problem, "is larger than 0 KiB");
  CAF_CHECK_EQUAL(read_small_file(write("d", std::string(16'385, 'x')), 16'384).problem,
                  "is larger than 16 KiB");
}

CAF_TEST(what is no file is refused at once) {
  const auto problem = [](const std::string& path) { return read_small_file(path, 10).problem; };
  CAF_CHECK_EQUAL(problem(in_directory("none")), "cannot be read: No such file or directory");
  CAF_CHECK_EQUAL(problem(""), "cannot be read: No such file or directory");
  CAF_CHECK_EQUAL(problem(directory.path().string()), "is a directory, not a file");
  CAF_CHECK_EQUAL(problem("/dev/null"), "is no regular file but a device, pipe or socket");
  CAF_CHECK_EQUAL(problem("/dev/zero"), "is no regular file but a device, pipe or socket");
  const auto pipe = in_directory("pipe");
  CAF_REQUIRE_EQUAL(::mkfifo(pipe.c_str(), 0600), 0);
  CAF_CHECK_EQUAL(problem(pipe), "is no regular file but a device, pipe or socket");
  CAF_CHECK_EQUAL(problem(std::string("a\0b", 3)), "has a zero byte in its name");
  std::filesystem::create_symlink("loop", directory.path() / "loop");
  CAF_CHECK_EQUAL(problem(in_directory("loop")),
                  "cannot be read: Too many levels of symbolic links");
  std::filesystem::create_symlink("gone", directory.path() / "dangling");
  CAF_CHECK_EQUAL(problem(in_directory("dangling")), "cannot be read: No such file or directory");
}

CAF_TEST(a file that may not be read is refused) {
  const auto path = write("closed", "secret", 0000);
  if (::geteuid() == 0) {
    CAF_MESSAGE("root may read every file");
    return;
  }
  CAF_CHECK_EQUAL(read_small_file(path, 10).problem, "cannot be read: Permission denied");
}

CAF_TEST(the mode of the target decides who may read a link) {
  for (const auto& [mode, exposed] : {std::pair{0600U, false},
                                      {0640U, false},
                                      {0660U, false},
                                      {0644U, true},
                                      {0604U, true},
                                      {0444U, true}}) {
    const auto target = write("target", "text", mode);
    std::filesystem::remove(directory.path() / "link");
    std::filesystem::create_symlink("target", directory.path() / "link");
    CAF_CHECK_EQUAL(read_small_file(target, 10).exposed, exposed);
    const auto through = read_small_file(in_directory("link"), 10);
    CAF_CHECK_EQUAL(through.exposed, exposed);
    CAF_CHECK_EQUAL(through.text.reveal(), "text");
    std::filesystem::remove(target);
  }
}

CAF_TEST(a secret is one line of text) {
  const auto text = [&](const std::string& bytes) {
    const auto read = read_secret_file(write("secret", bytes));
    return read.problem.empty() ? std::string{read.text.reveal()} : read.problem;
  };
  CAF_CHECK_EQUAL(text("pass word"), "pass word");
  CAF_CHECK_EQUAL(text("password\n"), "password");
  CAF_CHECK_EQUAL(text("password\r\n"), "password");
  CAF_CHECK_EQUAL(text(" password "), " password ");
  CAF_CHECK_EQUAL(text("\xC3\xA4"), "\xC3\xA4");
  for (const auto* nothing : {"", "\n", "\r\n"})
    CAF_CHECK_EQUAL(text(nothing), "is empty");
  for (const std::string& bad :
       {std::string{"a\nb"}, std::string{"a\n\n"}, std::string{"\xFF"}, std::string{"a\0b", 3},
        std::string{"\x7F"
                    "ELF"}})
    CAF_CHECK_EQUAL(text(bad), "holds more than one line, or what is no text");
  CAF_CHECK_EQUAL(text("\xEF\xBB\xBFpassword"), "begins with a byte-order mark");
  CAF_CHECK_EQUAL(text(std::string(16'385, 'x')), "is larger than 16 KiB");
}

CAF_TEST(the environment names files of secrets) {
  set("MONGODB_URI_FILE", write("uri", "mongodb://u@db/?maxPoolSize=7\n"));
  set("MOOR_PASSWORD_FILE", write("password", "p@ss\n"));
  const auto result = load_settings();
  CAF_CHECK_EQUAL(sentences(result.findings), "");
  CAF_CHECK_EQUAL(result.value.uri.reveal(), "mongodb://u:p%40ss@db/?maxPoolSize=7");
  CAF_CHECK_EQUAL(result.value.max_pool_size, 7U);
}

CAF_TEST(both a string and a file in the environment are refused) {
  set("MONGODB_URI", "mongodb://db");
  set("MONGODB_URI_FILE", write("uri", "mongodb://db"));
  const auto result = load_settings();
  CAF_CHECK(!result.ok());
  CAF_CHECK(contains(sentences(result.findings), "either of MONGODB_URI and MONGODB_URI_FILE"));
}

CAF_TEST(a TOML file names a file of a password) {
  const auto password = write("password", "secret\n");
  const auto result = load_settings(
    toml(write("moor.toml", "uri = 'mongodb://u@db'\npassword-file = '" + password + "'\n")));
  CAF_CHECK_EQUAL(sentences(result.findings), "");
  CAF_CHECK_EQUAL(result.value.uri.reveal(), "mongodb://u:secret@db");
}

CAF_TEST(files that everybody may read are refused in production when they hold a password) {
  set("MOOR_PROFILE", "production");
  const auto check = [](const setting_sources& from, bool refused) {
    const auto result = load_settings(from);
    CAF_CHECK_EQUAL(result.ok(), !refused);
    CAF_CHECK_EQUAL(contains(sentences(result.findings), "world-readable-secrets"), refused);
  };
  const std::string uri = "uri = 'mongodb://u:p@db/?tls=true'\n";
  check(toml(write("1.toml", uri, 0644)), true);
  check(toml(write("2.toml", uri, 0640)), false);
  check(toml(write("3.toml", "uri = 'mongodb://db/?tls=true&authMechanism=MONGODB-X509'\n", 0644)),
        false);
  check(toml(write("4.toml",
                   "uri-file = '" + write("open", "mongodb://u:p@db/?tls=true", 0644) + "'\n")),
        true);
  check(toml(write("5.toml",
                   "uri-file = '" + write("shut", "mongodb://u:p@db/?tls=true", 0400) + "'\n")),
        false);
  set("MOOR_PROFILE", "development");
  const auto result = load_settings(toml(in_directory("1.toml")));
  CAF_CHECK(result.ok());
  CAF_CHECK(
    contains(sentences(result.findings), "warning: uri = \"mongodb://***@db/?tls=true\" ("));
}

CAF_TEST(mistakes of a TOML file come with its path) {
  const auto path = write("moor.toml", "max-pol-size = 1\nkeepalive = 5\nuri = 'mongodb://db'\n");
  const auto result = load_settings(toml(path));
  const auto text = sentences(result.findings);
  CAF_CHECK(contains(text, "\"max-pol-size\" (" + path + ":1:1) is not a setting of moor"));
  CAF_CHECK(contains(text, "keepalive = \"5\" (" + path + ":2:13) has no unit"));
}

CAF_TEST(a TOML file that cannot be read) {
  const auto refused
    = [](const std::string& path) { return sentences(load_settings(toml(path)).findings); };
  CAF_CHECK(contains(refused(directory.path().string()), "(the program's code) is a directory"));
  CAF_CHECK(contains(refused("/dev/zero"), "is no regular file but a device, pipe or socket"));
  CAF_CHECK(contains(refused(write("big", std::string(largest_settings_file + 1, '#'))),
                     "is larger than 1 MiB"));
  CAF_CHECK(
    contains(refused(write("binary", std::string("\0\1\2\3", 4))), "has a control character"));
}

CAF_TEST(one pool has no use for tables of several) {
  const auto path = write("moor.toml", "uri = 'mongodb://db'\n[pools.a]\n");
  CAF_CHECK_EQUAL(sentences(load_settings(toml(path)).findings),
                  "pools.\"a\" (" + path
                    + ":2:8) is the table of one pool among several; this "
                      "program has one pool, and takes its settings from [moor]; allowed is a file "
                      "without such tables, or a program that uses load_pools.\n");
  const auto several = load_pools(toml(path));
  CAF_CHECK(several.ok());
  CAF_CHECK_EQUAL(several.pools.at(0).value.name, "a");
}

CAF_TEST(several pools each with secrets of their own and each mistake once) {
  const auto first = write("first", "mongodb://u:1@a\n");
  const auto second = write("second", "mongodb://u:2@b\n");
  set("MONGODB_URI", "mongodb://everywhere");
  auto result = load_pools(
    toml(write("moor.toml", "[pools.a]\nuri-file = '" + first + "'\n[pools.b]\nuri-file = '"
                              + second + "'\n[pools.c]\n")));
  CAF_CHECK_EQUAL(sentences(result.findings), "");
  CAF_REQUIRE_EQUAL(result.pools.size(), 3U);
  CAF_CHECK_EQUAL(result.pools[0].value.uri.reveal(), "mongodb://u:1@a");
  CAF_CHECK_EQUAL(result.pools[1].value.uri.reveal(), "mongodb://u:2@b");
  CAF_CHECK_EQUAL(result.pools[2].value.uri.reveal(), "mongodb://everywhere");
  set("DB_POOL_SIZE", "many");
  result
    = load_pools(toml(write("wrong.toml", "colour = 1\n[pools.a]\n[pools.b]\nkeepalive = 1\n")));
  CAF_CHECK(!result.ok());
  CAF_CHECK_EQUAL(result.findings.size(), 3U);
}

CAF_TEST(a file without tables of pools is one pool) {
  const auto result = load_pools(toml(write("moor.toml", "uri = 'mongodb://db'\nname = 'x'\n")));
  CAF_CHECK(result.ok());
  CAF_REQUIRE_EQUAL(result.pools.size(), 1U);
  CAF_CHECK_EQUAL(result.pools[0].value.name, "x");
}

CAF_TEST(a struct of the program has its files read when that is asked for) {
  auto x = settings_for(profile::development);
  x.uri = "mongodb://u@db";
  x.password_file = write("password", "p\n");
  CAF_CHECK_EQUAL(sentences(read_secret_files(x)), "");
  CAF_CHECK_EQUAL(x.uri.reveal(), "mongodb://u:p@db");
  CAF_CHECK(validate(x).empty());
  x.uri_file = in_directory("none");
  CAF_CHECK(contains(sentences(read_secret_files(x)), "(the program's code) cannot be read"));
}

CAF_TEST(the example of the repository) {
  set("MOOR_PASSWORD_FILE", write("password", "p\n"));
  setting_sources from = toml(MOOR_EXAMPLES_DIR "/moor.toml");
  const auto result = load_pools(from);
  CAF_CHECK_EQUAL(sentences(result.findings), "");
  CAF_REQUIRE_EQUAL(result.pools.size(), 2U);
  const auto& orders = result.pools[0].value;
  const auto& reports = result.pools[1].value;
  CAF_CHECK_EQUAL(orders.name, "orders");
  CAF_CHECK_EQUAL(orders.max_pool_size, 40U);
  CAF_CHECK(orders.wait_queue_timeout == 2s);
  CAF_CHECK(orders.leaks.stack_traces == toggle::on);
  CAF_CHECK_EQUAL(orders.shedding.critical_reserve, 0.2);
  CAF_CHECK_EQUAL(reports.name, "reports");
  CAF_CHECK_EQUAL(reports.max_pool_size, 5U);
  CAF_CHECK(reports.wait_queue_timeout == 30s);
  CAF_CHECK(reports.profile == profile::production);
  CAF_CHECK(contains(reports.uri.reveal(), "reader:p@"));
}

CAF_TEST(settings in force that were read from files can be read again) {
  const auto path = write("first.toml", "profile = 'production'\nuri-file = '"
                                          + write("uri", "mongodb://u:p@db/?tls=true\n")
                                          + "'\nmax-pool-size = 33\n");
  const auto first = load_settings(toml(path));
  CAF_CHECK_EQUAL(sentences(first.findings), "");
  const auto again = load_settings(toml(write("second.toml", write_toml(first.value, first.from))));
  CAF_CHECK_EQUAL(sentences(again.findings), "");
  CAF_CHECK(again.value.uri == first.value.uri);
  for (const auto& entry : setting_table())
    CAF_CHECK_EQUAL(entry.print(again.value), entry.print(first.value));
}

CAF_TEST_FIXTURE_SCOPE_END()
