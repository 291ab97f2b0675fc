#include "moor/ctl/paint.hpp"

#include <cstdlib>

#include <unistd.h>

namespace moor::ctl {

namespace {

std::string_view sequence_of(tone how) noexcept {
  switch (how) {
    case tone::plain: return "";
    case tone::strong: return "\x1b[1m";
    case tone::faint: return "\x1b[2m";
    case tone::good: return "\x1b[32m";
    case tone::warning: return "\x1b[33m";
    case tone::bad: return "\x1b[31m";
  }
  return "";
}

std::string_view variable(const char* name) {
  const char* text = std::getenv(name); // NOLINT(concurrency-mt-unsafe): before any thread
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

} // namespace

std::string paint::operator()(tone how, std::string_view text) const {
  const auto sequence = sequence_of(how);
  if (!wanted_ || sequence.empty() || text.empty())
    return std::string{text};
  return std::string{sequence}.append(text).append("\x1b[0m");
}

bool wants_colour(int stream) {
  return ::isatty(stream) == 1 && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
}

} // namespace moor::ctl
