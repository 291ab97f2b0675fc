// What every fuzzer uses: its input as text, and a check that breaks the run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace moor::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Not an assertion, which a build may leave out. libFuzzer keeps the input.
inline void require(bool holds, const char* rule) {
  if (holds)
    return;
  std::fprintf(stderr, "fuzz: broken rule: %s\n", rule);
  std::abort();
}

} // namespace moor::fuzz
