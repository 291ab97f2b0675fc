// Colours, where they are wanted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace moor::ctl {

/// What is said by a colour, never by a colour alone.
enum class tone : std::uint8_t { plain, strong, faint, good, warning, bad };

/// Puts texts into colour, or leaves them as they are.
class paint {
public:
  explicit paint(bool wanted) noexcept : wanted_{wanted} {}

  std::string operator()(tone how, std::string_view text) const;

private:
  bool wanted_;
};

/// Colours are wanted on a terminal that is not `TERM=dumb`, unless the environment has `NO_COLOR`
/// with any text but an empty one (https://no-color.org). `stream` is a file descriptor. No thread
/// may change the environment meanwhile.
bool wants_colour(int stream);

} // namespace moor::ctl
