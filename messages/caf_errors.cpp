#include "moor/messages/caf_errors.hpp"

#include <utility>

#include <caf/atom.hpp>
#include <caf/deep_to_string.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace moor {

namespace {
constexpr auto category = caf::atom("moor");

template <class T>
bool has(const caf::error& err, std::size_t at) {
  return err.context().size() > at && err.context().match_element<T>(at);
}

} // namespace

caf::error make_error(errc code) {
  return make_error(code, std::string{cause_of(code)});
}

caf::error make_error(errc code, std::string text) {
  return {static_cast<std::uint8_t>(code), category, caf::make_message(std::move(text))};
}

caf::error make_error(const failure& why) {
  auto text = why.text.empty() ? std::string{cause_of(why.code)} : why.text;
  if (why.cause == failure_cause::other && why.retry_after <= duration::zero())
    return make_error(why.code, std::move(text));
  return {static_cast<std::uint8_t>(why.code), category,
          caf::make_message(std::move(text), std::int64_t{why.retry_after.count()},
                            static_cast<std::uint8_t>(why.cause))};
}

caf::error make_error(const failure& why, const health_history& how_it_came) {
  auto text = why.text.empty() ? std::string{cause_of(why.code)} : why.text;
  return {static_cast<std::uint8_t>(why.code), category,
          caf::make_message(std::move(text), std::int64_t{why.retry_after.count()},
                            static_cast<std::uint8_t>(why.cause), how_it_came)};
}

std::optional<errc> code_of(const caf::error& err) noexcept {
  if (!err || err.category() != category)
    return std::nullopt;
  return static_cast<errc>(err.code());
}

std::optional<duration> retry_after_of(const caf::error& err) {
  if (!code_of(err) || !has<std::int64_t>(err, 1))
    return std::nullopt;
  const duration after{err.context().get_as<std::int64_t>(1)};
  return after > duration::zero() ? std::optional{after} : std::nullopt;
}

std::vector<health_change> health_history_of(const caf::error& err) {
  if (!code_of(err) || !has<health_history>(err, 3))
    return {};
  const auto& changes = err.context().get_as<health_history>(3).changes;
  return changes ? *changes : std::vector<health_change>{};
}

failure_cause failure_cause_of(const caf::error& err) {
  if (!code_of(err) || !has<std::uint8_t>(err, 2))
    return failure_cause::other;
  return static_cast<failure_cause>(err.context().get_as<std::uint8_t>(2));
}

std::string describe(const caf::error& err) {
  if (!err)
    return "no error";
  const auto code = code_of(err);
  if (!code) {
    if (err.category() == caf::atom("system"))
      return "caf: " + caf::to_string(static_cast<caf::sec>(err.code()));
    return caf::to_string(err);
  }
  auto known = failure_of(*code);
  if (has<std::string>(err, 0))
    known.text = err.context().get_as<std::string>(0);
  return describe(known);
}

} // namespace moor
