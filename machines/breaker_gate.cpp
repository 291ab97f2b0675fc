#include "moor/machines/breaker_gate.hpp"

#include <utility>
#include <variant>
#include <vector>

namespace moor::machines {

namespace {

std::string in_milliseconds(duration d) {
  return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(d).count()) + " ms";
}

/// The keys that are not among `known`.
template <class Map>
std::vector<std::uint64_t> unknown(const Map& map, const std::unordered_set<std::uint64_t>& known) {
  std::vector<std::uint64_t> found;
  for (const auto& [key, value] : map)
    if (!known.contains(key))
      found.push_back(key);
  return found;
}

} // namespace

std::optional<failure> breaker_gate::admit(std::uint64_t request, double draw, instant now,
                                           breaker_effects& out) {
  const auto answer = breaker_.try_acquire(draw, now, out);
  if (const auto* why = std::get_if<breaker_refusal>(&answer))
    return refusal(*why);
  asking_.insert_or_assign(request, call{std::get<breaker_permit>(answer), std::nullopt});
  return std::nullopt;
}

failure breaker_gate::refusal(const breaker_refusal& why) const {
  auto result
    = failure_of(errc::circuit_open, "The circuit breaker over " + std::string{to_string(scope_)}
                                       + " is " + std::string{to_string(why.state)});
  if (why.retry_after) {
    result.retry_after = *why.retry_after;
    result.text += "; ask again in " + in_milliseconds(*why.retry_after);
  }
  return result;
}

void breaker_gate::release(std::uint64_t request, double draw, instant now, breaker_effects& out) {
  if (const auto asked = asking_.extract(request))
    breaker_.release(asked.mapped().permit, draw, now, out);
}

void breaker_gate::begin(std::uint64_t request, std::uint64_t work, instant now) {
  if (auto asked = asking_.extract(request)) {
    asked.mapped().since = now;
    go_on(std::move(asked), work);
  }
}

void breaker_gate::begin_hold(std::uint64_t request, std::uint64_t work, double draw, instant now,
                              breaker_effects& out) {
  auto asked = asking_.extract(request);
  if (!asked)
    return;
  auto& permit = asked.mapped().permit;
  if (permit.probe != 0)
    breaker_.release(permit, draw, now, out);
  permit = {.generation = permit.generation};
  go_on(std::move(asked), work);
}

/// Under a number that no other work has.
void breaker_gate::go_on(calls::node_type asked, std::uint64_t work) {
  asked.key() = work;
  working_.insert(std::move(asked));
}

void breaker_gate::end(std::uint64_t work, const std::optional<failure>& why, double draw,
                       instant now, breaker_effects& out) {
  const auto ended = working_.extract(work);
  if (!ended)
    return;
  const auto& [given, since] = ended.mapped();
  const auto permit = since ? given : breaker_.as_probe(given, draw, now, out);
  const auto took = since ? now - *since : duration::zero();
  if (why)
    breaker_.failed(permit, *why, took, draw, now, out);
  else
    breaker_.succeeded(permit, took, draw, now, out);
}

void breaker_gate::abandon(std::uint64_t work, double draw, instant now, breaker_effects& out) {
  if (const auto ended = working_.extract(work))
    breaker_.abandon(ended.mapped().permit, draw, now, out);
}

void breaker_gate::adopt(const std::unordered_set<std::uint64_t>& requests,
                         const std::unordered_set<std::uint64_t>& work, double draw, instant now,
                         breaker_effects& out) {
  for (const auto request : unknown(asking_, requests))
    release(request, draw, now, out);
  for (const auto number : unknown(working_, work))
    abandon(number, draw, now, out);
}

void breaker_gate::set_mode(breaker_mode mode, instant now, breaker_effects& out) {
  breaker_.set_mode(mode, now, out);
}

} // namespace moor::machines
