#include "moor/mongo/client.hpp"

#include <chrono>
#include <string_view>
#include <system_error>
#include <utility>

#include "moor/mongo/abandonable.hpp"
#include "moor/mongo/bson.hpp"
#include "moor/mongo/database_name.hpp"
#include "moor/mongo/translate.hpp"

namespace moor::mongo {

namespace {

using clock = wire::clock;

/// libmongoc looks whether a socket was closed if it was idle for a second.
constexpr std::chrono::milliseconds trusted_idle{900};

/// Before libmongoc looks at its servers again, so that it never does between the question whether
/// it will and the one command that follows.
constexpr std::chrono::milliseconds scan_margin{50};

/// How long the end of a client may wait for its server.
constexpr std::chrono::seconds farewell{1};

/// Bounds all input and output of its scope.
class time_limit {
public:
  time_limit(wire& line, duration span) : line_{line} {
    line_.set_deadline(clock::now() + std::chrono::duration_cast<clock::duration>(span));
  }
  ~time_limit() { line_.clear_deadline(); }
  time_limit(const time_limit&) = delete;
  time_limit& operator=(const time_limit&) = delete;

private:
  wire& line_;
};

/// In its scope a client is used by moor itself.
class no_purpose {
public:
  explicit no_purpose(watch& of) : of_{of}, before_{of.use_for(std::nullopt)} {}
  ~no_purpose() { of_.use_for(std::move(before_)); }
  no_purpose(const no_purpose&) = delete;
  no_purpose& operator=(const no_purpose&) = delete;

private:
  watch& of_;
  std::optional<purpose> before_;
};

const document& ping_command() {
  static const auto body = std::get<document>(from_json(R"({"ping": 1})"));
  return body;
}

std::optional<failure> problem_in(std::variant<document, failure> result) {
  if (auto* failed = std::get_if<failure>(&result))
    return std::move(*failed);
  return std::nullopt;
}

struct new_client {
  client_owner client;
  bson_error_t error{};
};

bool is_secondary(const mongoc_server_description_t* server) {
  return std::string_view{mongoc_server_description_type(server)} == "RSSecondary";
}

new_client make_client_of(const mongoc_uri_t* uri) {
  new_client result;
  result.client.reset(mongoc_client_new_from_uri_with_error(uri, &result.error));
  return result;
}

} // namespace

client_connection::client_connection(std::shared_ptr<const connect_plan> plan,
                                     std::shared_ptr<fiber_lanes> lanes)
  : plan_{std::move(plan)},
    lanes_{std::move(lanes)},
    dialer_{line_, plan_},
    watch_{*line_, plan_->single_server} {}

client_connection::~client_connection() {
  if (!client_)
    return;
  watch_.use_for(std::nullopt);
  if (watch_.has_seen_failure())
    line_->cut();
  // There is nobody to end the sessions at, and libmongoc would look for a server first.
  if (line_->is_cut())
    mongoc_client_reset(client_.get());
  const time_limit limit{*line_, farewell};
  client_.reset();
}

std::optional<failure> client_connection::establish() {
  const time_limit limit{*line_, plan_->connect_timeout};
  if (plan_->authenticates)
    watch_.expect_authentication();
  line_->steps().open();
  auto problem = take_steps();
  end_steps(problem);
  if (problem) {
    watch_.record(*problem); // so that its end does not wait for the server
    return problem;
  }
  watch_.take(); // what came before the success, a server of several that was down say
  expect_a_secondary();
  return std::nullopt;
}

std::optional<failure> client_connection::take_steps() {
  if (auto problem = make_client())
    return problem;
  if (!plan_->single_server)
    if (auto problem = find_members())
      return problem;
  line_->steps().commands_begin();
  return problem_in(run("admin", ping_command(), true));
}

/// What the sockets and the events do not tell of the step that establishing ended in.
void client_connection::end_steps(const std::optional<failure>& problem) {
  auto& steps = line_->steps();
  if (!problem)
    steps.end_ping();
  else if (is_tls(problem->cause))
    steps.tls_failed();
  else if (is_of_authentication(problem->cause))
    steps.authentication_failed();
  steps.close();
}

/// Looks at the members of a set once, whichever may be found: after a search for the primary that
/// was in vain, libmongoc would sleep for half a second before it looked for a secondary.
std::optional<failure> client_connection::find_members() {
  line_->forget_trouble();
  read_preference_owner wanted{mongoc_read_prefs_new(MONGOC_READ_PRIMARY_PREFERRED)};
  bson_error_t error{};
  const server_owner found{mongoc_client_select_server(client_.get(), false, wanted.get(), &error)};
  if (!found)
    return watch_.judge(error, nullptr, true);
  if (!is_secondary(found.get()))
    return std::nullopt;
  // A member that is overloaded may be the primary, which is not lost then.
  if (watch_.has_seen_overload()) {
    bson_set_error(&error, MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_SERVER_SELECTION_FAILURE,
                   "No suitable servers found");
    return watch_.judge(error, nullptr, true);
  }
  preference_ = std::move(wanted);
  make_read_only();
  return std::nullopt;
}

void client_connection::make_read_only() {
  const auto* of_string = mongoc_client_get_read_prefs(client_.get());
  if (mongoc_read_prefs_get_mode(of_string) == MONGOC_READ_PRIMARY)
    mongoc_client_set_read_prefs(client_.get(), preference_.get());
}

/// A connection to a secondary, by order or for want of a primary, meets no news in being told so.
void client_connection::expect_a_secondary() {
  auto secondary = read_only();
  if (plan_->single_server) {
    const server_owner only{mongoc_client_select_server(client_.get(), false, nullptr, nullptr)};
    secondary = only && is_secondary(only.get());
  }
  if (secondary)
    watch_.expect_a_secondary();
}

// A lookup in the DNS belongs to the making of a client and can be neither bounded nor interrupted.
std::optional<failure> client_connection::make_client() {
  new_client made;
  const auto looked_up = "the lookup of the servers of " + plan_->address + " in the DNS";
  if (plan_->needs_lookup) {
    try {
      auto found = run_abandonable(*line_, line_->deadline(),
                                   [plan = plan_] { return make_client_of(plan->uri.get()); });
      if (!found)
        return failure{
          errc::connect_failed,
          spoils::connection,
          0,
          looked_up + (line_->is_cut() ? " was interrupted" : " was not answered in time"),
          duration::zero(),
          {},
          line_->is_cut() ? failure_cause::interrupted : failure_cause::name_resolution};
      made = *std::move(found);
    } catch (const std::system_error& e) {
      return failure{errc::connect_failed, spoils::connection, 0,
                     std::string{"no thread can be started to look up servers: "} + e.what()};
    }
  } else {
    made = make_client_of(plan_->uri.get());
  }
  if (!made.client) {
    auto why = watch_.judge(made.error, nullptr, true);
    if (plan_->needs_lookup)
      why.text = looked_up + " failed: " + why.text;
    return why;
  }
  mongoc_client_set_error_api(made.client.get(), MONGOC_ERROR_API_VERSION_2);
  watch_.install(made.client.get());
  dialer_.install(made.client.get());
  client_ = std::move(made.client);
  return std::nullopt;
}

/// Some clients look their servers up in the DNS every minute, with calls that cannot be awaited.
std::shared_ptr<fiber_lane> client_connection::lane() {
  if (lanes_ && !plan_->needs_lookup)
    std::call_once(lane_chosen_, [this] { lane_ = lanes_->next(); });
  return lane_;
}

bool client_connection::fits_fiber() {
  const auto now = clock::now();
  return client_ && !uncertain_ && !line_->is_cut() && !watch_.has_seen_failure()
         && now < watch_.looked_at() + plan_->scan_interval - scan_margin
         && (now - used_at_ < trusted_idle || !line_->has_news());
}

std::optional<failure> client_connection::ping(duration timeout) {
  const time_limit limit{*line_, timeout};
  const no_purpose unobserved{watch_};
  auto problem = problem_in(run("admin", ping_command(), false));
  // The server may have closed the connection while it was idle; libmongoc dials anew on its own.
  return problem ? std::move(problem) : take_failure();
}

std::variant<document, failure> client_connection::command(const std::string& database,
                                                           const document& body) {
  if (auto problem = database_name_problem(database))
    return refused(std::move(*problem));
  if (auto problem = validate(body))
    return std::move(*problem);
  if (bson_empty(bson_view{body}.get()))
    return refused("the command is an empty document; its first field must name the command");
  return run(database, body, false);
}

std::variant<document, failure> client_connection::run(const std::string& database,
                                                       const document& body, bool establishing) {
  if (!client_)
    return refused("the connection is not established");
  line_->forget_trouble();
  const bson_view command{body};
  bson_t reply;
  bson_error_t error{};
  uncertain_ = false;
  std::optional<watch::known_command> known; // the first one's events tell of the steps to it
  if (!establishing)
    known.emplace(watch_, database, *command.get());
  const bool ok = mongoc_client_command_simple(client_.get(), database.c_str(), command.get(),
                                               preference_.get(), &reply, &error);
  const bson_owner destroyed_at_end{&reply};
  used_at_ = clock::now();
  if (ok && says_ok(reply))
    return to_document(reply);
  uncertain_ = true;
  if (ok)
    bson_set_error(&error, MONGOC_ERROR_SERVER, 0, "no code");
  auto problem = watch_.judge(error, &reply, establishing);
  watch_.record(problem);
  return problem;
}

std::optional<failure> client_connection::take_failure() {
  auto seen = watch_.take();
  if (!seen && line_->is_cut())
    seen = failure{errc::connection_lost, spoils::connection, 0, "the connection was interrupted"};
  line_->forget_trouble();
  return seen;
}

} // namespace moor::mongo
