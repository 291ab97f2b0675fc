#define CAF_SUITE mongo_authentication

#include "mongo/server_rig.hpp"
#include "support/plants.hpp"

using namespace moor;
using namespace moor::mongo;
using namespace moor::test;
using namespace std::chrono_literals;

namespace {

const std::string user = planted("alice");
const std::string password = planted("hunter2");
const std::string wrong = planted("wrong");
const std::string right = user + ':' + password + '@';

/// A server that demands credentials and knows one user.
embedded_server& server() {
  static embedded_server instance;
  static const bool prepared = [] {
    instance.run("admin", R"({"createUser": ")" + user + R"(", "pwd": ")" + password
                            + R"(", "roles": ["root"]})");
    server_options options;
    options.authentication = true;
    instance.restart(options);
    return true;
  }();
  static_cast<void>(prepared);
  return instance;
}

settings with(const std::string& credentials, const std::string& options = {}) {
  return settings_with("mongodb://" + credentials + server().address() + "/" + options);
}

/// Steps of authentication fail as `data` says, in its scope.
class failing_authentication {
public:
  explicit failing_authentication(const std::string& data) : admin_{established_with(with(right))} {
    set(R"("mode": "alwaysOn", "data": {"appName": "moor", )"
        R"("failCommands": ["saslStart", "saslContinue"], )"
        + data + "}");
  }
  ~failing_authentication() { set(R"("mode": "off")"); }
  failing_authentication(const failing_authentication&) = delete;
  failing_authentication& operator=(const failing_authentication&) = delete;

private:
  void set(const std::string& what) {
    answer(*admin_, R"({"configureFailPoint": "failCommand", )" + what + "}", "admin");
  }

  decltype(established_with(settings{})) admin_; // authenticated before anything fails
};

} // namespace

CAF_TEST(the right password is accepted) {
  const auto ours = established_with(with(right));
  CAF_CHECK(has(answer(*ours, R"({"find": "things"})"), "\"ok\" : 1"));
}

CAF_TEST(wrong credentials are refused at once and not named) {
  const auto misspelt = user + ':' + wrong + '@';
  for (const auto& from :
       {with(misspelt), with(planted("mallory") + ':' + password + '@'),
        with(right, "?authSource=elsewhere"), with(misspelt, "?replicaSet=secantus")}) {
    const auto got = refusal(from);
    CHECK_FAILURE(got, errc::authentication_failed, spoils::generation);
    CAF_CHECK_EQUAL(to_string(got.cause), "credentials");
    CAF_CHECK(has(got.text, "wrong password, unknown user or wrong authSource"));
    CAF_CHECK(!find_plant(got.text));
  }
}

CAF_TEST(a mechanism that the server does not offer is told) {
  const auto got = refusal(with(right, "?authMechanism=PLAIN&authSource=$external"));
  CHECK_FAILURE(got, errc::authentication_failed, spoils::generation);
  CAF_CHECK_EQUAL(to_string(got.cause), "mechanism_not_offered");
}

CAF_TEST(a mechanism that libmongoc does not know is told) {
  auto made = make_driver(with(right, "?authMechanism=MONGODB-ODD"));
  const auto* problem = std::get_if<failure>(&made);
  const auto got = problem != nullptr
                     ? *problem
                     : *std::get<std::shared_ptr<driver>>(made)->make_connection()->establish();
  CAF_MESSAGE(got.text);
  CAF_CHECK(problem != nullptr || got.cause == failure_cause::mechanism_unsupported);
}

CAF_TEST(the time of the authentication is a step) {
  const auto steps_of = [](const settings& from) {
    const auto ours = connection_with(from);
    const bool stands = !ours->establish();
    const auto steps = ours->steps();
    std::string names;
    for (const auto& step : steps)
      names += std::string{to_string(step.step)} + (step.done ? " " : "! ");
    CAF_CHECK_EQUAL(stands, steps.back().done);
    return names;
  };
  CAF_CHECK_EQUAL(steps_of(with(right)), "resolve dial hello authenticate ping ");
  CAF_CHECK_EQUAL(steps_of(with(user + ':' + wrong + '@')), "resolve dial hello authenticate! ");
  CAF_CHECK_EQUAL(steps_of(with("")), "resolve dial hello ping ");
}

CAF_TEST(without credentials a connection is established but may do nothing) {
  const auto ours = established_with(with(""));
  const auto got = failure_of(*ours, R"({"find": "things"})");
  CHECK_FAILURE(got, errc::operation_failed, spoils::nothing);
  CAF_CHECK_EQUAL(got.driver_code, 13);
}

CAF_TEST(a server that fails to authenticate is not one that refuses) {
  const failing_authentication failing{"\"errorCode\": 91"};
  const auto got = refusal(with(right));
  CHECK_FAILURE(got, errc::connect_failed, spoils::generation);
  CAF_CHECK_EQUAL(to_string(got.cause), "authentication_error");
}

CAF_TEST(a connection that ends in the authentication spoils nothing else) {
  const failing_authentication failing{"\"closeConnection\": true"};
  CHECK_FAILURE(refusal(with(right)), errc::connect_failed, spoils::connection);
}

CAF_TEST(the connect timeout bounds the authentication too) {
  const failing_authentication failing{"\"blockConnection\": true, \"blockTimeMS\": 3000"};
  auto from = with(right);
  from.connect_timeout = 1s;
  CHECK_FAILURE(refusal(from), errc::connect_failed, spoils::connection);
}
