// Runs one scenario, for callgrind. scripts/check-instructions does so, and says what became of it.
#include <algorithm>
#include <iostream>
#include <string_view>

#include "hot_paths/scenarios.hpp"

int main(int argc, char** argv) {
  const std::string_view name{argc == 2 ? argv[1] : ""};
  if (name == "--list") {
    for (const auto& one : hot_paths::scenarios)
      std::cout << one.name << ' ' << one.times << '\n';
    return 0;
  }
  const auto found = std::ranges::find(hot_paths::scenarios, name, &hot_paths::scenario::name);
  if (found == hot_paths::scenarios.end()) {
    std::cerr << "usage: hot_paths --list | SCENARIO\n";
    return 2;
  }
  found->run(found->times);
  return 0;
}
