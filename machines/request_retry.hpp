// Whether a request that failed is attempted again, and when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "moor/config/settings.hpp"
#include "moor/messages/errors.hpp"
#include "moor/messages/requests.hpp"

namespace moor::machines {

/// Keeps retries a share of the requests, so that they cannot multiply the load on a server that
/// fails most of what it is asked: each request deposits its share, each retry takes a whole. At no
/// time have there been more retries than that share of the requests. Nothing is there at first:
/// with a share of 20 %, the first retry may follow the fifth request.
class retry_budget {
public:
  /// Retries that quiet times can save up for worse ones.
  static constexpr std::int64_t most_saved = 100;

  explicit retry_budget(double share) noexcept;

  /// From now on requests deposit another share. What was saved stays, unless nothing is to be.
  void change_share(double share) noexcept;

  void deposit() noexcept;
  /// One retry, if there is one.
  bool take() noexcept;

private:
  std::int64_t share_;
  std::int64_t saved_ = 0;
};

/// Whether sending the same again may help, in the server's words if it has any: its labels
/// RetryableError and SystemOverloadedError (Client Backpressure specification), else errors of the
/// network and of a server that changes its state (Retryable Reads specification, "Retryable
/// Error"). Not what moor refused for its load: that would be more of it.
bool may_be_repeated(const failure& why) noexcept;

/// A request's attempts. Used by one thread at a time.
class request_retry {
public:
  explicit request_retry(const request_retry_settings& rules) noexcept;

  /// Other rules are in force; an attempt that was promised keeps its time.
  void reconfigure(const request_retry_settings& rules) noexcept;

  /// A request came, whether it may be retried or not.
  void request() noexcept { budget_.deposit(); }

  struct verdict {
    std::optional<instant> at; ///< when the next attempt begins
    std::string why_not;       ///< in words, if there is none and more were allowed
  };

  /// Attempt number `made` (≥ 1) of a request failed. `draw` in [0, 1).
  verdict failed(const failure& why, const retry_options& allowed, std::uint32_t made,
                 instant deadline, instant now, double draw);

  std::uint64_t retried() const noexcept { return retried_; }
  /// Retries there was no budget for.
  std::uint64_t withheld() const noexcept { return withheld_; }

private:
  duration delay(const failure& why, std::uint32_t made, double draw) const noexcept;

  request_retry_settings rules_;
  retry_budget budget_;
  std::uint64_t retried_ = 0;
  std::uint64_t withheld_ = 0;
};

} // namespace moor::machines
