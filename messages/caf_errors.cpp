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
}

caf::error make_error(errc code) {
  return make_error(code, std::string{cause_of(code)});
}

caf::error make_error(errc code, std::string text) {
  return {static_cast<std::uint8_t>(code), category, caf::make_message(std::move(text))};
}

caf::error make_error(const failure& why) {
  return why.text.empty() ? make_error(why.code) : make_error(why.code, why.text);
}

std::optional<errc> code_of(const caf::error& err) noexcept {
  if (!err || err.category() != category)
    return std::nullopt;
  return static_cast<errc>(err.code());
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
  if (err.context().match_elements<std::string>())
    known.text = err.context().get_as<std::string>(0);
  return describe(known);
}

} // namespace moor
