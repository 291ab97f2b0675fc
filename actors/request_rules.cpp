#include "moor/actors/request_rules.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace moor::actors {

namespace {

constexpr std::size_t longest_operation_name = 128;
constexpr std::size_t smallest_document = 5; // BSON: length and terminator

std::optional<failure> bad_timeout(const char* field, duration value) {
  if (value >= duration::zero() && value <= longest_timeout)
    return std::nullopt;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(value).count();
  return refused(std::string{field} + " is " + std::to_string(ms) + " ms, allowed is 0 ms to 24 h");
}

/// `repeatable`: whether this kind of request may ever be attempted twice.
std::optional<failure> bad_retry(const retry_options& retry, bool repeatable) {
  if (retry.attempts < 1 || retry.attempts > most_attempts)
    return refused("retry.attempts is " + std::to_string(retry.attempts) + ", allowed is 1 to "
                   + std::to_string(most_attempts));
  if (retry.attempts > 1 && !retry.idempotent)
    return refused("retry.attempts is " + std::to_string(retry.attempts)
                   + " and retry.idempotent is false: only what may be done twice is attempted "
                     "more than once");
  if (retry.attempts > 1 && !repeatable)
    return refused("retry.attempts is " + std::to_string(retry.attempts)
                   + ": only run and command without a lease are attempted more than once, since "
                     "another attempt needs another connection");
  return std::nullopt;
}

std::optional<failure> bad_options(const request_options& options, bool repeatable) {
  if (options.operation.size() > longest_operation_name)
    return refused("operation has " + std::to_string(options.operation.size())
                   + " bytes, allowed are at most " + std::to_string(longest_operation_name));
  if (options.level > priority::background)
    return refused("priority is " + std::to_string(static_cast<int>(options.level))
                   + ", allowed are critical, normal and background");
  if (auto problem = bad_retry(options.retry, repeatable))
    return problem;
  if (auto problem = bad_timeout("slow_after", options.slow_after))
    return problem;
  return bad_timeout("timeout", options.timeout);
}

} // namespace

std::optional<failure> broken_rule(const acquire& request) {
  if (auto problem = bad_timeout("leak_after", request.leak_after))
    return problem;
  return bad_options(request.options, false);
}

std::optional<failure> broken_rule(const run& request) {
  if (!request.function)
    return refused("run: function is empty, required is one that can be called");
  return bad_options(request.options, request.lease == 0);
}

std::optional<failure> broken_rule(const command& request) {
  if (request.database.empty())
    return refused("command: database is empty, required is a database's name");
  if (request.body.bytes.size() < smallest_document)
    return refused("command: body has " + std::to_string(request.body.bytes.size())
                   + " bytes, required is one BSON document (at least 5)");
  return bad_options(request.options, request.lease == 0);
}

std::optional<failure> broken_rule(const warm& request) {
  return bad_timeout("warm: timeout", request.timeout);
}

std::optional<failure> broken_rule(const drain& request) {
  return bad_timeout("drain: deadline", request.deadline);
}

instant deadline_of(const request_options& options, duration fallback, instant now) {
  const auto due = now + (options.timeout > duration::zero() ? options.timeout : fallback);
  if (options.not_after > duration::zero())
    return std::min(due, instant{options.not_after});
  return due;
}

} // namespace moor::actors
