// Asks a component for its /stats over HTTP, without blocking whoever waits for keys meanwhile.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "moor/config/duration.hpp"
#include "moor/ctl/stats_source.hpp"

namespace moor::ctl {

/// Why there is no answer.
struct no_contact {
  std::string problem; ///< free of secrets
  /// Asking again is of no use: user and password were refused, or what answers is no component.
  bool for_good = false;
};

/// One question at a time over one connection, which is kept between questions. Used by one thread.
/// No proxy is asked, no redirection followed, and no more than 64 MiB are taken.
class stats_client {
public:
  /// Throws `std::runtime_error` if libcurl cannot be set up.
  explicit stats_client(stats_source from);
  ~stats_client();
  stats_client(const stats_client&) = delete;
  stats_client& operator=(const stats_client&) = delete;

  /// Asks, unless a question is under way.
  void ask();

  bool is_asking() const noexcept;

  /// Waits for the answer, for input on one of `watched` (file descriptors), or until `at_most` is
  /// over, whichever comes first. An answer ends the question.
  std::optional<std::variant<std::string, no_contact>> wait(std::span<const int> watched,
                                                            duration at_most);

private:
  struct transfer;
  std::unique_ptr<transfer> transfer_;
};

/// Asks once and waits for the answer, within the source's timeout.
std::variant<std::string, no_contact> ask_once(const stats_source& from);

} // namespace moor::ctl
