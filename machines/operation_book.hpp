// The figures of a pool's operations, by their names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "moor/messages/operations.hpp"

namespace moor::machines {

/// Adds up the commands of every operation. Names are the backend's own and may be without end, if
/// it puts a key into them for instance: those that come when the book is full share one page.
class operation_book {
public:
  static constexpr std::size_t most_names = 200;
  static constexpr std::string_view others = "(others)";

  /// A command of that operation ended.
  void add(std::string_view operation, duration took, bool failed, bool slow);

  /// Those that took the most time in all, the longest first, by name if equally long; at most so
  /// many.
  std::vector<operation_figures> top(std::uint64_t most) const;

private:
  operation_figures& page_of(std::string_view operation);

  std::map<std::string, operation_figures, std::less<>> pages_;
};

} // namespace moor::machines
