// The command line of bench/compare.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace compare {

enum class op { ping, find };

struct options {
  std::string uri;
  std::size_t clients = 0;
  std::size_t connections = 0;
  std::size_t seconds = 0;
  op operation = op::ping;
  /// CAF's `scheduler.policy` for moor's contenders: `sharing` or `stealing`.
  std::string scheduler = "sharing";
  std::size_t rounds = 1;
  /// The one contender that this process runs; empty in the process that starts the others.
  std::string contender;
  bool help = false;
};

/// What is wrong with the arguments, as a sentence.
class bad_arguments : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Reads `--name value` and `--name=value`. Throws bad_arguments if an argument is unknown,
/// malformed, out of range, or missing though required.
options parse(int argc, const char* const* argv);

/// How to call the program.
std::string usage();

} // namespace compare
