// What the user sees: a progress bar or plain lines, and the summary.
#pragma once

#include <iosfwd>
#include <string>

#include "messages.hpp"

namespace package_index {

/// A bar that is drawn anew in place on a terminal; elsewhere a line when something new is begun
/// and one when it is done. Used by one thread.
class progress_display {
public:
  progress_display(std::ostream& out, bool is_terminal) : out_(out), is_terminal_(is_terminal) {}

  void show(const progress& now);
  /// Removes the bar, so that something else can be written.
  void clear();

private:
  std::ostream& out_;
  bool is_terminal_;
  std::string last_;
};

/// What the summary says beside what the director found out.
struct circumstances {
  std::size_t packages = 0;
  std::string dependants_of;
};

/// A number with `places` decimal places.
std::string fixed(double number, int places);

/// One fact a line, under names that do not change.
void print(std::ostream& out, summary s, const circumstances& about);

} // namespace package_index
