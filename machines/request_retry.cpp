#include "moor/machines/request_retry.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "moor/machines/backoff.hpp"
#include "moor/messages/overload.hpp"

namespace moor::machines {

namespace {

constexpr std::int64_t whole = 1'000'000;

/// Codes of the Retryable Reads specification that do not tell of a change of the server's state:
/// HostUnreachable, HostNotFound, NetworkTimeout, ReadConcernMajorityNotAvailableYet,
/// ExceededTimeLimit, SocketException.
constexpr std::array retryable_codes{6, 7, 89, 134, 262, 9001};

} // namespace

retry_budget::retry_budget(double share) noexcept
  : share_(std::llround(share * static_cast<double>(whole))) {}

void retry_budget::change_share(double share) noexcept {
  share_ = retry_budget{share}.share_;
  if (share_ == 0)
    saved_ = 0;
}

void retry_budget::deposit() noexcept {
  saved_ = std::min(saved_ + share_, most_saved * whole);
}

bool retry_budget::take() noexcept {
  if (saved_ < whole)
    return false;
  saved_ -= whole;
  return true;
}

bool may_be_repeated(const failure& why) noexcept {
  if (why.advice.retryable)
    return true;
  if (is_overload(why)) // it may have been done, and the server does not want more
    return false;
  switch (why.code) {
    case errc::pool_cleared:
    case errc::connect_failed:
    case errc::connection_lost:
    case errc::no_suitable_server:
    case errc::server_state_changed:
    case errc::read_only:
    case errc::restarted: return true;
    case errc::operation_failed:
      return std::find(retryable_codes.begin(), retryable_codes.end(), why.driver_code)
             != retryable_codes.end();
    default: return false;
  }
}

request_retry::request_retry(const request_retry_settings& rules) noexcept
  : rules_(rules), budget_(rules.budget) {}

void request_retry::reconfigure(const request_retry_settings& rules) noexcept {
  rules_ = rules;
  budget_.change_share(rules.budget);
}

request_retry::verdict request_retry::failed(const failure& why, const retry_options& allowed,
                                             std::uint32_t made, instant deadline, instant now,
                                             double draw) {
  if (!allowed.idempotent || made >= allowed.attempts || !may_be_repeated(why))
    return {};
  const auto at = now + delay(why, made, draw);
  if (at >= deadline)
    return {std::nullopt, "no time is left for another attempt"};
  if (!budget_.take()) {
    ++withheld_;
    return {std::nullopt, "the budget of retries is used up"};
  }
  ++retried_;
  return {at, {}};
}

duration request_retry::delay(const failure& why, std::uint32_t made, double draw) const noexcept {
  retry_settings policy;
  policy.first_delay
    = why.advice.base_backoff > duration::zero() ? why.advice.base_backoff : rules_.first_delay;
  policy.longest_delay = rules_.longest_delay;
  return backoff_delay(policy, made, draw);
}

} // namespace moor::machines
