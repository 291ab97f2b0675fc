#define CAF_SUITE mongo_resolve

#include "moor/mongo/resolve.hpp"

#include <future>
#include <string>

#include <caf/test/unit_test.hpp>

#include "mongo/peers.hpp"
#include "moor/mongo/abandonable.hpp"

using namespace moor;
using namespace moor::mongo;
using test::forever;

namespace {

auto look_up(const std::string& host, int family) {
  const wire line;
  return resolve(host, 27017, family, line, wire::clock::now() + forever);
}

std::size_t count(const std::string& host) {
  const auto found = look_up(host, AF_UNSPEC);
  const auto* addresses = std::get_if<std::vector<endpoint>>(&found);
  return addresses == nullptr ? 0 : addresses->size();
}

} // namespace

CAF_TEST(numbers and names have addresses) {
  CAF_CHECK_EQUAL(count("127.0.0.1"), 1u);
  CAF_CHECK_EQUAL(count("::1"), 1u);
  CAF_CHECK_GREATER_OR_EQUAL(count("localhost"), 1u);
}

CAF_TEST(a name that cannot exist has none and is named) {
  const auto found = look_up("no-such-host.invalid", AF_UNSPEC);
  const auto* trouble = std::get_if<io_trouble>(&found);
  CAF_REQUIRE(trouble != nullptr);
  CAF_CHECK(trouble->fault == io_fault::closed);
  CAF_CHECK(trouble->text.starts_with("cannot resolve the host name no-such-host.invalid: "));
}

CAF_TEST(a path that fits no Unix socket is refused with the limit) {
  const auto found = look_up(std::string(108, 'x'), AF_UNIX);
  const auto* trouble = std::get_if<io_trouble>(&found);
  CAF_REQUIRE(trouble != nullptr);
  CAF_CHECK_EQUAL(trouble->text,
                  "the path of the Unix socket has 108 bytes; at most 107 are possible");
}

CAF_TEST(work that does not end is left behind) {
  std::promise<void> release;
  auto released = release.get_future().share();
  const wire line;
  const auto soon = wire::clock::now() + std::chrono::milliseconds{20};
  CAF_CHECK(!run_abandonable(line, soon, [released] {
    released.wait();
    return 1;
  }));
  release.set_value();
}

CAF_TEST(a cut ends the wait for work) {
  std::promise<void> release;
  auto released = release.get_future().share();
  wire line;
  line.cut();
  CAF_CHECK(!run_abandonable(line, wire::clock::now() + forever, [released] {
    released.wait();
    return 1;
  }));
  release.set_value();
}

CAF_TEST(work that ends has a result) {
  const wire line;
  CAF_CHECK(run_abandonable(line, wire::clock::now() + forever, [] { return 7; }) == 7);
}
