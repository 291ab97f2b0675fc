// Counts, durations and numbers: what is read is printed so that the same is read again.
#include "fuzz/check.hpp"
#include "moor/config/parse.hpp"

namespace {

using moor::fuzz::require;

template <class T>
bool has_value(const moor::parsed<T>& what) {
  require(what.value.has_value() == what.problem.empty(), "a value or a problem, never both");
  return what.value.has_value();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = moor::fuzz::text_of(data, size);
  has_value(moor::parse_count(text));
  if (const auto span = moor::parse_milliseconds(text); has_value(span))
    require(span.value->count() >= 0, "spans are not negative");
  if (const auto span = moor::parse_duration(text); has_value(span))
    require(moor::parse_duration(moor::format_duration(*span.value)).value == span.value,
            "durations are read back");
  if (const auto number = moor::parse_number(text); has_value(number))
    require(moor::parse_number(moor::format_number(*number.value)).value == number.value,
            "numbers are read back");
  if (const auto share = moor::parse_fraction(text); has_value(share))
    require(*share.value >= 0, "fractions are not negative");
  return 0;
}
