// Where in a backend's code a lease was asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace moor {

/// A place in the source, and, if it was recorded, the calls that led to it. Cheap to make and to
/// copy: its texts are the compiler's own.
struct call_site {
  const char* file = "";
  const char* function = "";
  std::uint32_t line = 0;
  /// The actor's own name, as CAF has it.
  std::string borrower = {};
  /// Return addresses, the innermost first; null unless recorded. They stay on their node.
  std::shared_ptr<const std::vector<void*>> stack = {};
  /// The texts of one that came from another node.
  std::shared_ptr<const std::pair<std::string, std::string>> texts = {};

  /// As default argument: the place of the call.
  static call_site here(const char* file = __builtin_FILE(),
                        const char* function = __builtin_FUNCTION(),
                        std::uint32_t line = __builtin_LINE()) {
    call_site where;
    where.file = file;
    where.function = function;
    where.line = line;
    return where;
  }
};

/// "orders.cpp:42 (place_order)", with the file's name alone; empty if it is not known.
std::string to_string(const call_site& where);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, call_site& x) {
  std::string file{x.file};
  std::string function{x.function};
  if constexpr (Inspector::writes_state) {
    auto result = f(file, function, x.line, x.borrower);
    x.texts = std::make_shared<const std::pair<std::string, std::string>>(std::move(file),
                                                                          std::move(function));
    x.file = x.texts->first.c_str();
    x.function = x.texts->second.c_str();
    return result;
  } else {
    return f(file, function, x.line, x.borrower);
  }
}

} // namespace moor
