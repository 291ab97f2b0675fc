// One contender in a process of its own.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace compare {

/// Runs this program again with `arguments` and returns what it wrote to its standard output; its
/// standard error is ours. Throws std::runtime_error if it does not exit with 0, or not within
/// `limit`; it is killed then, as it is when this process dies. Not for programs with several
/// threads.
std::string run_again(const std::vector<std::string>& arguments, std::chrono::seconds limit);

} // namespace compare
