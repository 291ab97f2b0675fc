#include "moor/ctl/top.hpp"

#include <iostream>
#include <limits>
#include <string>
#include <variant>

#include <unistd.h>

#include "moor/ctl/live_top.hpp"
#include "moor/ctl/output.hpp"
#include "moor/ctl/stats_client.hpp"
#include "moor/ctl/stats_source.hpp"

namespace moor::ctl {

namespace {

/// Of a line where there is no terminal whose width counts.
constexpr std::size_t usual_width = 132;

exit_code fail(const std::string& why, exit_code how) {
  std::cerr << "moorctl: " << why << '\n';
  return how;
}

std::string as_text(const stats_source& from, stats figures) {
  stats_history history;
  history.add(std::move(figures));
  const bool on_terminal = ::isatty(STDOUT_FILENO) == 1;
  const screen_size size{on_terminal ? size_of_terminal(STDOUT_FILENO).columns : usual_width,
                         std::numeric_limits<std::size_t>::max()};
  std::string text;
  for (const auto& line :
       draw({from.url, {}, {}, {}}, history, size, paint{wants_colour(STDOUT_FILENO)}))
    text += line + '\n';
  return text;
}

exit_code print_once(const stats_source& from, bool json) {
  auto answer = ask_once(from);
  if (const auto* why = std::get_if<no_contact>(&answer))
    return fail("no answer from " + from.url + ": " + why->problem, exit_code::cannot_connect);
  const auto& body = std::get<std::string>(answer);
  auto figures = read_stats(body);
  if (!figures)
    return fail(not_a_component, exit_code::cannot_connect);
  return print(json ? body + '\n' : as_text(from, *std::move(figures)), exit_code::fine);
}

} // namespace

exit_code run_top(const top_options& options) {
  const auto source = make_source(options);
  if (const auto* why = std::get_if<bad_source>(&source))
    return fail(why->problem, exit_code::usage);
  const auto& from = std::get<stats_source>(source);
  if (options.once || options.json || ::isatty(STDOUT_FILENO) != 1)
    return print_once(from, options.json);
  const auto reason = live_top{from, options.interval}.run();
  return reason ? fail(*reason, exit_code::cannot_connect) : exit_code::fine;
}

} // namespace moor::ctl
