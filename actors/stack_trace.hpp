// The calls that led to a request, if somebody wants them recorded.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "moor/messages/call_site.hpp"

namespace moor::actors {

/// From now on every request for a lease in this process records its calls. Any thread.
void record_stack_traces() noexcept;

/// `where`, with the calls that led here if they are recorded. Any thread.
call_site with_stack(call_site where);

/// One frame per line, as glibc's backtrace_symbols has them: `program(function+0x12) [address]`;
/// functions of a program are named if it was linked with -rdynamic.
std::string in_words(const std::vector<void*>& stack);

} // namespace moor::actors
