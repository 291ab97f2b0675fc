// The command line of spec_cmap.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace moor::test::spec {

struct arguments {
  /// The folder of the test files.
  std::filesystem::path directory;
  /// The server of the integration tests; without it, the embedded one is started.
  std::optional<std::string> uri;
  /// Within which each test must end; whatever it waits for then is its failure.
  std::chrono::seconds deadline{60};
};

inline constexpr const char* usage
  = "usage: spec_cmap [--uri URI] [--deadline SECONDS] DIR\n"
    "Runs every *.json of the Connection Monitoring and Pooling test format in DIR.\n"
    "  --uri URI           server of the integration tests; otherwise the embedded one is started\n"
    "  --deadline SECONDS  of each test, 1 to 3600 (default 60)\n";

/// What is wrong with the command line.
struct bad_arguments : std::runtime_error {
  using runtime_error::runtime_error;
};

/// Throws `bad_arguments`.
arguments parse_arguments(int count, const char* const* values);

} // namespace moor::test::spec
