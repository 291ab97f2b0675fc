#include "spec/suite.hpp"

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <utility>
#include <variant>

#include "moor/mongo/driver.hpp"
#include "spec/parse.hpp"
#include "spec/pool_rig.hpp"
#include "spec/test_run.hpp"
#include "spec/watchdog.hpp"
#include "support/fake_driver.hpp"
#include "support/lane.hpp"

namespace moor::test::spec {

namespace {

/// For closing what a test that ran into its deadline has left open: a dial may take as long.
constexpr std::chrono::seconds grace{30};

bool meets(const test_file& test, const server_version& version) {
  const auto holds = [&](const version_range& range) {
    return (!range.least || *range.least <= version) && (!range.most || version <= *range.most);
  };
  return test.run_on.empty() || std::any_of(test.run_on.begin(), test.run_on.end(), holds);
}

std::optional<std::string> run_test(const test_file& test, settings config,
                                    std::shared_ptr<mongo::driver> driver,
                                    std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  return judge(test, run_operations(test, std::move(config), std::move(driver), deadline));
}

} // namespace

suite::suite(const arguments& given, std::ostream& out) : given_(given), out_(out) {}

bool suite::run(const std::vector<std::filesystem::path>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    const watchdog dog{given_.deadline + grace, [&] { give_up(files[i], files.size() - i - 1); }};
    switch (run_file(files[i])) {
      case verdict::passed: ++passed_; break;
      case verdict::failed: ++failed_; break;
      case verdict::skipped: ++skipped_; break;
    }
  }
  print_sums();
  return failed_ == 0;
}

suite::verdict suite::run_file(const std::filesystem::path& file) {
  const auto name = file.filename().string();
  try {
    const auto test = parse_test_file(file);
    return test.style == test_style::unit ? run_unit(test, name) : run_integration(test, name);
  } catch (const malformed& e) {
    return report(name, std::string{"malformed: "} + e.what());
  } catch (const std::exception& e) {
    return report(name, e.what());
  }
}

suite::verdict suite::run_unit(const test_file& test, const std::string& name) {
  return report(name, run_test(test, settings_of(test.options), std::make_shared<fake_driver>(),
                               given_.deadline));
}

suite::verdict suite::run_integration(const test_file& test, const std::string& name) {
  const auto& endpoint = server();
  if (!meets(test, endpoint.version())) {
    out_ << "SKIP " << name << ": its runOn excludes this server, version "
         << to_string(endpoint.version()) << std::endl;
    return verdict::skipped;
  }
  auto config = settings_of(test.options);
  config.lane = wanted_lane();
  config.uri = endpoint.uri();
  auto driver = mongo::make_driver(config);
  if (const auto* why = std::get_if<failure>(&driver))
    return report(name, why->text);

  std::optional<fail_point> armed;
  if (test.fail_point)
    armed.emplace(endpoint, *test.fail_point);
  const auto why
    = run_test(test, std::move(config), std::get<0>(std::move(driver)), given_.deadline);
  if (armed)
    armed->turn_off();
  return report(name, why);
}

suite::verdict suite::report(const std::string& name, const std::optional<std::string>& why) {
  if (!why)
    return verdict::passed;
  out_ << "FAIL " << name << ": " << *why << std::endl;
  return verdict::failed;
}

const endpoint& suite::server() {
  if (no_server_)
    throw std::runtime_error(*no_server_);
  try {
    if (!server_ && !given_.uri)
      embedded_.emplace();
    if (!server_)
      server_.emplace(given_.uri ? *given_.uri : embedded_->uri());
  } catch (const std::exception& e) {
    no_server_ = std::string{"there is no server to test against: "} + e.what();
    throw std::runtime_error(*no_server_);
  }
  return *server_;
}

void suite::print_sums() {
  out_ << passed_ << " passed, " << failed_ << " failed, " << skipped_ << " skipped" << std::endl;
}

void suite::give_up(const std::filesystem::path& file, std::size_t not_run) {
  report(file.filename().string(), "did not end within its deadline and could not be ended; "
                                     + std::to_string(not_run)
                                     + " files after it were not run and count as failed");
  failed_ += 1 + not_run;
  print_sums();
  std::_Exit(EXIT_FAILURE);
}

} // namespace moor::test::spec
