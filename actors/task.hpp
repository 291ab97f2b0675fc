// A borrower's work and its right to an answer.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "moor/actors/ticket.hpp"
#include "moor/config/duration.hpp"
#include "moor/messages/requests.hpp"

namespace moor::actors {

/// One piece of work, to be answered by a deadline.
struct task {
  std::variant<run, command> what;
  ticket answer;
  instant deadline = no_deadline;
  std::uint32_t attempt = 1;
  duration waited{0}; ///< until it had its connection
};

inline const request_options& options_of(const std::variant<run, command>& what) {
  return std::visit([](const auto& w) -> const request_options& { return w.options; }, what);
}

/// The name of whoever asked, as it said itself; empty if it did not.
inline const std::string& borrower_of(const std::variant<run, command>& what) {
  return std::visit([](const auto& w) -> const std::string& { return w.borrower; }, what);
}

} // namespace moor::actors
