// An embedder's program, built against the installed library. It needs no server: it shows that all
// of moor is there by what moor says of a server that is not.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <variant>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <mongoc/mongoc.h>
#include <moor/moor.hpp>
#include <moor/runtime/http/endpoint.hpp>

namespace {

struct config : caf::actor_system_config {
  moor::caf_settings moor{*this, custom_options_};
};

int fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return 1;
}

} // namespace

int main(int argc, char** argv) {
  config cfg;
  if (const auto error = cfg.parse(argc, argv))
    return fail("The options cannot be read: " + moor::printable(cfg.render(error)));
  auto values = cfg.moor.load(cfg).value;
  values.uri = "mongodb://127.0.0.1:1/?directConnection=true";
  values.retry.attempts = 1;
  if (!moor::validate(values).empty())
    return fail("good settings are refused");
  // What it takes to link is not all used by a component without an endpoint.
  const auto opened
    = moor::open_endpoint({{.listen = "127.0.0.1:0"}, std::make_shared<moor::actors::board>(), {}});
  if (const auto* why = std::get_if<std::string>(&opened))
    return fail(*why);
  caf::actor_system system{cfg};
  moor::component component{system};
  const auto pool = component.start(values);
  if (pool || moor::code_of(pool.error()) != moor::errc::connect_failed)
    return fail("a server was found on port 1");
  std::puts(moor::describe(pool.error()).c_str());
  return 0;
}
