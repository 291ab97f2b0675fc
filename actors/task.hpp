// A borrower's work and its right to an answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "moor/actors/ticket.hpp"
#include "moor/config/duration.hpp"
#include "moor/messages/requests.hpp"

namespace moor::actors {

using work_item = std::variant<run, command>;

/// One piece of work, to be answered by a deadline.
struct task {
  std::unique_ptr<work_item> what; ///< null once it was taken and is not to be done again
  ticket answer;
  instant deadline = no_deadline;
  std::uint32_t attempt = 1;
  duration waited{0}; ///< until it had its connection
};

inline const request_options& options_of(const work_item& what) {
  return std::visit([](const auto& w) -> const request_options& { return w.options; }, what);
}

/// The name of whoever asked, as it said itself; empty if it did not.
inline const std::string& borrower_of(const work_item& what) {
  return std::visit([](const auto& w) -> const std::string& { return w.borrower; }, what);
}

} // namespace moor::actors
