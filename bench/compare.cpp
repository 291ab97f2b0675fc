// moor and libmongoc's own pool at the same work. bench/README.md says how to read the figures.
#include <exception>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "moor/mongo/handles.hpp"
#include "moor/mongo/library.hpp"

#include "compare/child.hpp"
#include "compare/contenders.hpp"
#include "compare/operation.hpp"
#include "compare/options.hpp"
#include "compare/report.hpp"

namespace compare {
namespace {

const std::vector<std::string> contenders{"moor-run", "moor-command", "mongoc_client_pool"};

/// A client for what is done before and after the measurement.
moor::mongo::client_owner connect(const options& what) {
  bson_error_t error;
  const moor::mongo::uri_owner uri{mongoc_uri_new_with_error(what.uri.c_str(), &error)};
  moor::mongo::client_owner client{uri ? mongoc_client_new_from_uri_with_error(uri.get(), &error)
                                       : nullptr};
  if (!client)
    throw std::runtime_error{error.message};
  mongoc_client_set_error_api(client.get(), MONGOC_ERROR_API_VERSION_2);
  return client;
}

/// In the child: measures the one contender.
void run_one(const options& what) {
  const auto client = connect(what);
  prepare(*client, what.operation);
  const auto line = line_of(what, what.contender == "mongoc_client_pool" ? run_client_pool(what)
                                                                         : run_moor(what));
  tidy_up(*client, what.operation);
  std::cout << line.dump() << '\n';
}

json run_in_child(const std::string& contender, std::vector<std::string> arguments,
                  std::size_t seconds) {
  arguments.push_back("--contender=" + contender);
  try {
    // Twice the time for moor-command, and a minute each to begin and to end.
    return json::parse(run_again(arguments, std::chrono::seconds{2 * seconds + 120}));
  } catch (const std::exception& e) {
    throw std::runtime_error{contender + " " + e.what()};
  }
}

/// In the parent: all contenders in turn, so that what changes on the machine meets all of them.
void run_all(const options& what, const std::vector<std::string>& arguments) {
  std::map<std::string, std::vector<json>> lines;
  std::map<std::string, std::vector<json>> ratios;
  for (std::size_t round = 0; round < what.rounds; ++round) {
    for (const auto& contender : contenders)
      lines[contender].push_back(run_in_child(contender, arguments, what.seconds));
    const auto& theirs = lines[contenders.back()].back();
    for (const auto* mine : {"moor-run", "moor-command"})
      ratios[mine].push_back(ratio_of(lines[mine].back(), theirs));
  }
  for (const auto& contender : contenders)
    std::cout << median_of(lines[contender]).dump() << '\n';
  for (const auto* mine : {"moor-run", "moor-command"})
    std::cout << median_of(ratios[mine]).dump() << '\n';
}

int main(int argc, char** argv) {
  try {
    const auto what = parse(argc, argv);
    if (what.help) {
      std::cout << usage();
    } else if (what.contender.empty()) {
      run_all(what, {argv + 1, argv + argc});
    } else {
      moor::mongo::initialize_library();
      run_one(what);
    }
    return std::cout.flush() ? 0 : 1;
  } catch (const bad_arguments& e) {
    std::cerr << "compare: " << e.what() << '\n' << usage();
    return 2;
  } catch (const std::exception& e) {
    std::cerr << "compare: " << e.what() << '\n';
    return 1;
  }
}

} // namespace
} // namespace compare

int main(int argc, char** argv) {
  return compare::main(argc, argv);
}
