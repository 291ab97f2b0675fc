// The least a backend needs: a pool, and an actor that asks it for work. README.md shows this file.
// --(quickstart-begin)--
#include <chrono>
#include <iostream>

#include <caf/all.hpp>
#include <mongoc/mongoc.h>

#include "moor/moor.hpp"

struct config : caf::actor_system_config {
  moor::caf_settings moor{*this, custom_options_}; // the one line that adds moor's settings
};

void backend(caf::event_based_actor* self, const moor::pool_actor& pool) {
  const auto ping = std::get<moor::document>(moor::mongo::from_json(R"({"ping": 1})"));
  const auto count = [](mongoc_client_t& client) { // never on CAF's scheduler: it may block
    bson_error_t error;
    char** names = mongoc_client_get_database_names_with_opts(&client, nullptr, &error);
    moor::mongo::check(names != nullptr, error);
    int found = 0;
    for (char** name = names; name != nullptr && *name != nullptr; ++name)
      ++found;
    bson_strfreev(names);
    return found;
  };
  const auto fail = [self](caf::error& why) { self->quit(std::move(why)); };
  moor::ask_command(self, pool, {.operation = "ping"}, "admin", ping)
    .then([](const moor::document&) { std::cout << "The server answers.\n"; }, fail);
  moor::ask_run(self, pool, {.operation = "count databases"}, count)
    .then([](int found) { std::cout << "It has " << found << " databases.\n"; }, fail);
}

int main(int argc, char** argv) {
  const auto fail = [](const std::string& why) { return std::cerr << why << '\n', 1; };
  config cfg;
  if (const auto error = cfg.parse(argc, argv)) // repeats the argument: a password, perhaps
    return fail("The options cannot be read: " + moor::printable(cfg.render(error))
                + "; --help lists them");
  if (cfg.cli_helptext_printed)
    return 0;
  const auto settings = cfg.moor.load(cfg);
  for (const auto& finding : settings.findings)
    fail(to_string(finding));
  if (!settings.ok())
    return 1;
  caf::actor_system system{cfg};
  moor::component component{system};
  const auto pool = component.start(settings.value); // returns when the server was seen
  if (!pool)
    return fail(moor::describe(pool.error()));
  caf::scoped_actor self{system};
  caf::error problem;
  self->spawn<caf::monitored>(backend, *pool);
  self->receive([&](caf::down_msg& down) { problem = std::move(down.reason); });
  component.drain(std::chrono::seconds{5});
  return problem ? fail(moor::describe(problem)) : 0;
}
// --(quickstart-end)--
