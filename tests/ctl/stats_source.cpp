#define CAF_SUITE ctl_stats_source

#include "moor/ctl/stats_source.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <caf/test/unit_test.hpp>

#include "support/scratch_directory.hpp"

using namespace moor::ctl;

namespace {

template <class T>
std::string text_of(const std::variant<T, bad_source>& from) {
  const auto* problem = std::get_if<bad_source>(&from);
  return problem == nullptr ? std::get<std::string>(from) : problem->problem;
}

std::string text_of(const std::variant<moor::shared_secret, bad_source>& from) {
  const auto* problem = std::get_if<bad_source>(&from);
  return problem == nullptr ? std::string{std::get<moor::shared_secret>(from).reveal()}
                            : problem->problem;
}

std::string password_in(const std::string& content) {
  const moor::test::scratch_directory directory;
  const auto file = directory.path() / "password";
  std::ofstream{file, std::ios::binary} << content;
  return text_of(read_password(file.string()));
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(an address becomes the URL of its figures) {
  const std::vector<std::pair<const char*, const char*>> cases{
    {"127.0.0.1:9000", "http://127.0.0.1:9000/stats"},
    {"db-gateway", "http://db-gateway:9464/stats"},
    {"[::1]:9000", "http://[::1]:9000/stats"},
    {"[::1]", "http://[::1]:9464/stats"},
    {"http://a:1/", "http://a:1/stats"},
    {"http://a:1/stats", "http://a:1/stats"},
    {"https://a", "https://a:443/stats"},
    {"HTTPS://a:8", "https://a:8/stats"}};
  for (const auto& [address, url] : cases)
    CAF_CHECK_EQUAL(text_of(stats_url(address)), url);
}

CAF_TEST(what is no address is refused with what is allowed) {
  for (const char* address : {"", "a b", "a\n", "ftp://a/", "file:///etc/passwd", "a:0", "a:70000",
                              "http://", "a:1/other", "a:", "[::1]:", "http://a:/",
                              "https://a:", "http://a/?x=1", "http://a/#x", ":9"}) {
    const auto problem = text_of(stats_url(address));
    CAF_CHECK(has(problem, "allowed is host:port"));
  }
}

CAF_TEST(user info is refused and not shown) {
  for (const char* address : {"http://ops:hunter2@a:1/", "ops:hunter2@a:1", "hunter2@a"}) {
    const auto problem = text_of(stats_url(address));
    CAF_CHECK(has(problem, "--password-file"));
    CAF_CHECK(!has(problem, "hunter2"));
  }
}

CAF_TEST(a password is the first line of its file) {
  CAF_CHECK_EQUAL(password_in("secret"), "secret");
  CAF_CHECK_EQUAL(password_in("secret\r\nmore"), "secret");
  CAF_CHECK_EQUAL(password_in(std::string(1024, 'x')), std::string(1024, 'x'));
  CAF_CHECK(has(password_in(""), "holds no password"));
  CAF_CHECK(has(password_in("\nsecret"), "holds no password"));
  const auto too_long = password_in(std::string(2000, 'x') + "\n");
  CAF_CHECK(has(too_long, "at most 1024 bytes") && !has(too_long, "xxx"));
  CAF_CHECK(has(text_of(read_password("/nowhere/at/all")), "No such file"));
  CAF_CHECK(has(text_of(read_password("/")), "\"/\" is a directory"));
}

CAF_TEST(a user with a colon is refused) {
  top_options options;
  options.address = "127.0.0.1";
  options.user = "a:b";
  CAF_CHECK(std::holds_alternative<bad_source>(make_source(options)));
  options.user = "ab";
  CAF_CHECK(std::holds_alternative<stats_source>(make_source(options)));
  for (const auto* file : {"/nowhere/ca.pem", "/dev/zero", "/tmp"}) {
    options.authorities_file = file;
    CAF_CHECK(std::holds_alternative<bad_source>(make_source(options)));
  }
}
