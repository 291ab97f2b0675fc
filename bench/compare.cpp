// moor and libmongoc's own pool at the same work. bench/README.md says how to read the figures.
#include <algorithm>
#include <exception>
#include <iostream>
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
  const auto& one = *std::ranges::find(contenders, what.contender, &contender::name);
  const auto line = line_of(what, one.run(what));
  tidy_up(*client, what.operation);
  std::cout << line.dump() << '\n';
}

json run_in_child(const std::string& name, std::vector<std::string> arguments,
                  std::size_t seconds) {
  arguments.push_back("--contender=" + name);
  try {
    // Twice the time for moor-command, and a minute each to begin and to end.
    return json::parse(run_again(arguments, std::chrono::seconds{2 * seconds + 120}));
  } catch (const std::exception& e) {
    throw std::runtime_error{name + " " + e.what()};
  }
}

/// In the parent: all contenders in turn, so that what changes on the machine meets all of them.
void run_all(const options& what, const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  for (const auto& one : contenders)
    if (takes_part(one, what))
      names.emplace_back(one.name);
  std::vector<std::vector<json>> lines{names.size()};
  std::vector<std::vector<json>> ratios{names.size() - 1};
  for (std::size_t round = 0; round < what.rounds; ++round) {
    for (std::size_t i = 0; i < lines.size(); ++i)
      lines[i].push_back(run_in_child(names[i], arguments, what.seconds));
    for (std::size_t i = 0; i < ratios.size(); ++i)
      ratios[i].push_back(ratio_of(lines[i].back(), lines.back().back()));
  }
  for (const auto& rounds : lines)
    std::cout << median_of(rounds).dump() << '\n';
  for (const auto& rounds : ratios)
    std::cout << median_of(rounds).dump() << '\n';
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
