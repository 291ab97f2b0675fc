// All test files of a folder, one after the other.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spec/arguments.hpp"
#include "spec/endpoint.hpp"
#include "spec/test_file.hpp"
#include "support/embedded_server.hpp"

namespace moor::test::spec {

/// Used by one thread.
class suite {
public:
  suite(const arguments& given, std::ostream& out);

  /// Runs the files, prints a line for each that failed or was skipped, and the sums at the end.
  /// True if none failed. Ends the whole process, with the sums printed and exit code 1, if a test
  /// cannot be ended.
  bool run(const std::vector<std::filesystem::path>& files);

private:
  enum class verdict : std::uint8_t { passed, failed, skipped };

  verdict run_file(const std::filesystem::path& file);
  verdict run_unit(const test_file& test, const std::string& name);
  verdict run_integration(const test_file& test, const std::string& name);
  verdict report(const std::string& name, const std::optional<std::string>& why);
  const endpoint& server();
  void print_sums();
  [[noreturn]] void give_up(const std::filesystem::path& file, std::size_t not_run);

  const arguments& given_;
  std::ostream& out_;
  std::optional<embedded_server> embedded_;
  std::optional<endpoint> server_;
  std::optional<std::string> no_server_; ///< why there is none; it is not tried again
  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
  std::size_t skipped_ = 0;
};

} // namespace moor::test::spec
