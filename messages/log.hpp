// moor's log: lines of key=value fields, with a level.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace moor {

/// `debug`: every event of the pool, in the words of its specification. `info`: what happens in
/// good order. `warning`: what somebody may have to act on. `error`: what went wrong for good.
enum class log_level : std::uint8_t { debug, info, warning, error };

/// "debug", "info", "warning" or "error".
std::string_view to_string(log_level level) noexcept;

/// Receives a line for people. May be called from any thread, must not block.
using log_function = std::function<void(log_level level, const std::string& line)>;

/// Where moor's lines go. Any thread.
struct logger {
  log_function write; ///< null = nowhere
  /// Lines below are not made: those of level debug cost a text for each event.
  log_level least = log_level::info;

  bool wants(log_level level) const noexcept { return write && level >= least; }
  /// A function that throws loses its line, and nothing else.
  void operator()(log_level level, const std::string& line) const noexcept {
    try {
      if (wants(level))
        write(level, line);
    } catch (...) { // there is nowhere to say it
    }
  }
};

} // namespace moor
