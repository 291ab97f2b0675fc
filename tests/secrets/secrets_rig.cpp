#include "secrets/secrets_rig.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <variant>

#include <caf/event_based_actor.hpp>

#include "runtime/endpoint_rig.hpp"
#include "support/plain_client.hpp"

namespace moor::test {

namespace {

std::string in_json(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '"' || text[i] == '\\')
      text.insert(i++, 1, '\\');
  return '"' + text + '"';
}

component_options listening(const std::shared_ptr<heard>& to) {
  return {.log = {[to](log_level level, const std::string& line) {
                    to->add("log", std::string{to_string(level)} + ' ' + line);
                  },
                  log_level::debug},
          .make_driver = {}};
}

} // namespace

void heard::add(const std::string& where, const std::string& text) {
  const std::lock_guard guard{mutex_};
  pieces_.emplace_back(where, text);
}

bool heard::says(const std::string& where, std::string_view part) const {
  const std::lock_guard guard{mutex_};
  return std::any_of(pieces_.begin(), pieces_.end(), [&](const auto& piece) {
    return piece.first == where && piece.second.find(part) != std::string::npos;
  });
}

std::string heard::all() const {
  const std::lock_guard guard{mutex_};
  std::string text;
  for (const auto& [where, piece] : pieces_)
    text += where + ": " + piece + '\n';
  return text;
}

secrets_rig::secrets_rig() : db{system, listening(everything)} {
  server().restart(); // wherever the last test left it
  config.uri = uri(user(), password());
  config.min_pool_size = 0;
  config.max_pool_size = 4;
  config.retry.attempts = 2;
  config.retry.first_delay = 10ms;
  config.retry.longest_delay = 50ms;
  config.statistics_interval = 50ms;
  config.metrics_interval = 50ms;
  config.health.interval = 50ms;
  config.health.interval_unhealthy = 50ms;
  config.endpoint.listen = "127.0.0.1:0";
  config.endpoint.user = "operator";
  config.endpoint.password_file = (directory.path() / "password").string();
  std::ofstream{config.endpoint.password_file} << page_password_ << '\n';
}

secrets_rig::~secrets_rig() = default;

embedded_server& secrets_rig::server() {
  static embedded_server instance;
  static const bool prepared = [] {
    instance.run("admin", R"({"createUser": )" + in_json(user()) + R"(, "pwd": )"
                            + in_json(password()) + R"(, "roles": ["root"]})");
    server_options options;
    options.authentication = true;
    instance.restart(options);
    return true;
  }();
  static_cast<void>(prepared);
  return instance;
}

std::string secrets_rig::uri(const std::string& user, const std::string& password,
                             const std::string& options) {
  return "mongodb://" + percent_encoded(user) + ':' + percent_encoded(password) + '@'
         + server().address() + "/?directConnection=true" + options;
}

void secrets_rig::at_server(const std::string& json) {
  run_plain(uri(user(), password()), "admin", json);
}

void secrets_rig::fail(const std::string& command, const std::string& what,
                       const std::string& mode) {
  at_server(R"({"configureFailPoint": "failCommand", "mode": )" + mode
            + R"(, "data": {"appName": "moor", "failCommands": [")" + command + "\"], " + what
            + "}}");
}

void secrets_rig::fail_no_more() {
  at_server(R"({"configureFailPoint": "failCommand", "mode": "off"})");
}

pool_actor secrets_rig::start() {
  const auto pool = db.start(config);
  if (!pool)
    CAF_FAIL(describe(pool.error()));
  listen(*pool);
  return *pool;
}

void secrets_rig::start_in_vain(const settings& with) {
  const auto pool = db.start(with);
  CAF_REQUIRE(!pool);
  hear(pool.error());
}

/// The pool's events and the changes of its health, as any subscriber has them.
void secrets_rig::listen(const pool_actor& pool) {
  const auto ear
    = self->spawn<caf::linked>([to = everything](caf::event_based_actor*) -> caf::behavior {
        return {[to](const pool_events& all) { to->add("event", caf::deep_to_string(all)); },
                [to](const health_changed& one) { to->add("event", caf::deep_to_string(one)); }};
      });
  self->send(pool, subscribe{ear});
  self->send(pool, subscribe_health{ear});
}

bool secrets_rig::ask(const target& on, request_options options, const std::string& json,
                      const std::string& database) {
  auto body = mongo::from_json(json);
  if (const auto* why = std::get_if<failure>(&body))
    CAF_FAIL(why->text);
  bool ok = false;
  ask_command(self, on, std::move(options), database, std::get<document>(std::move(body)))
    .receive([&](const document&) { ok = true; }, [&](const caf::error& why) { hear(why); });
  return ok;
}

lease secrets_rig::lend(const pool_actor& pool, request_options options, lease_options watched) {
  lease got;
  ask_lease(self, pool, std::move(options), watched)
    .receive([&](lease& l) { got = std::move(l); },
             [](const caf::error& why) { CAF_FAIL(describe(why)); });
  return got;
}

void secrets_rig::hear(const caf::error& why) {
  everything->add("error", describe(why));
  everything->add("error", caf::to_string(why));
  everything->add("error", caf::actor_system_config::render(why));
  everything->add("error", caf::deep_to_string(health_history_of(why)));
}

void secrets_rig::gather(const pool_actor& pool) {
  const auto message = [&](const std::string& where, auto question, auto answer) {
    self->request(pool, forever, question)
      .receive([&](decltype(answer)& got) { everything->add(where, caf::deep_to_string(got)); },
               [&](const caf::error& why) { hear(why); });
  };
  message("stats", get_stats{}, pool_stats{});
  message("health", get_health{}, health_report{});
  message("operations", get_operations{}, operations_report{});
  message("leases", get_leases{}, leases_report{});
  message("leaks", get_leaks{}, leaks_report{});
  message("breaker", get_breaker{breaker_scope::operations}, breaker_figures{});
  message("breaker", get_breaker{breaker_scope::establishing}, breaker_figures{});
  for (const auto* path : {"/", "/stats", "/metrics", "/health/live", "/health/ready", "/nothing"})
    everything->add(path, visit(path));
  everything->add("open metrics", visit("/metrics", "Accept: application/openmetrics-text\r\n"));
  everything->add("/events", visit_as(page_password_, "/events", {}, "}\n\n"));
  everything->add("refusal", visit_as(planted("wrong"), "/stats"));
}

std::string secrets_rig::visit(const std::string& path, const std::string& headers) {
  return visit_as(page_password_, path, headers);
}

std::string secrets_rig::visit_as(const std::string& password, const std::string& path,
                                  const std::string& headers, std::string_view until) {
  const auto url = db.url();
  const auto port = std::stoi(url.substr(url.rfind(':') + 1));
  const visitor one{static_cast<std::uint16_t>(port)};
  one.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
           + base64("operator:" + password) + "\r\n" + headers + "\r\n");
  return one.read_until(until);
}

void secrets_rig::check(const std::string& name) {
  const auto text = everything->all();
  std::filesystem::create_directories(MOOR_ARTIFACTS_DIR "/secrets");
  std::ofstream{MOOR_ARTIFACTS_DIR "/secrets/" + name + ".txt"} << text;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);)
    if (const auto plant = find_plant(line))
      CAF_ERROR(*plant << " in: " << line);
}

} // namespace moor::test
