// moorctl: looks at a configuration of moor, its server, or a running component.
#include <exception>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "moor/ctl/check.hpp"
#include "moor/ctl/command_line.hpp"
#include "moor/ctl/config.hpp"
#include "moor/ctl/output.hpp"
#include "moor/ctl/top.hpp"

namespace {

using namespace moor::ctl;

struct runner {
  exit_code operator()(const check_options& x) const { return run_check(x); }
  exit_code operator()(const config_options& x) const { return run_config(x); }
  exit_code operator()(const top_options& x) const { return run_top(x); }
  exit_code operator()(const message& x) const {
    if (x.how == exit_code::fine)
      return print(x.text, x.how);
    std::cerr << x.text;
    return x.how;
  }
};

} // namespace

int main(int argc, char** argv) {
  occupy_standard_streams();
  try {
    const std::vector<std::string> arguments{argv, argv + argc};
    return static_cast<int>(std::visit(runner{}, read_command_line(arguments)));
  } catch (const std::exception& e) {
    std::cerr << "moorctl: " << e.what() << '\n';
    return static_cast<int>(exit_code::cannot_connect);
  }
}
