#define CAF_SUITE config_parse

#include "moor/config/parse.hpp"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace std::chrono_literals;

namespace {

using cases = std::vector<std::pair<const char*, const char*>>;

/// Checks that each text is refused with its problem, which must not repeat the text.
template <class F>
void check_refused(F parse, const cases& all) {
  for (const auto& [text, problem] : all) {
    const auto result = parse(text);
    CAF_CHECK(!result);
    CAF_CHECK_EQUAL(std::string{text} + ": " + result.problem, std::string{text} + ": " + problem);
  }
}

/// By value: the checks keep references to what they compare.
template <class T>
T value_of(const parsed<T>& result) {
  CAF_REQUIRE_EQUAL(result.problem, "");
  return result.value.value();
}

constexpr auto no_whole_number = "is not a whole number of decimal digits";
constexpr auto no_digit = "does not start with a digit";
constexpr auto unknown_unit = "has an unknown unit (known are ns, us, ms, s, min and h)";

} // namespace

CAF_TEST(counts) {
  CAF_CHECK_EQUAL(value_of(parse_count("0")), 0U);
  CAF_CHECK_EQUAL(value_of(parse_count("50")), 50U);
  CAF_CHECK_EQUAL(value_of(parse_count("007")), 7U);
  CAF_CHECK_EQUAL(value_of(parse_count("18446744073709551615")),
                  std::numeric_limits<std::uint64_t>::max());
}

CAF_TEST(what is no count) {
  check_refused(parse_count, {{"", "is empty"},
                              {"-1", "is negative"},
                              {"-", "is negative"},
                              {"+1", no_digit},
                              {" 1", no_digit},
                              {"abc", no_digit},
                              {"nan", no_digit},
                              {".5", no_digit},
                              {"1 ", no_whole_number},
                              {"1.0", no_whole_number},
                              {"1e3", no_whole_number},
                              {"0x10", no_whole_number},
                              {"10,000", no_whole_number},
                              {"10'000", no_whole_number},
                              {"5s", no_whole_number},
                              {"18446744073709551616", "is too large"},
                              {"99999999999999999999999999", "is too large"}});
}

CAF_TEST(durations) {
  CAF_CHECK_EQUAL(value_of(parse_duration("0")), 0ns);
  CAF_CHECK_EQUAL(value_of(parse_duration("000")), 0ns);
  CAF_CHECK_EQUAL(value_of(parse_duration("0s")), 0ns);
  CAF_CHECK_EQUAL(value_of(parse_duration("7ns")), 7ns);
  CAF_CHECK_EQUAL(value_of(parse_duration("7us")), 7us);
  CAF_CHECK_EQUAL(value_of(parse_duration("250ms")), 250ms);
  CAF_CHECK_EQUAL(value_of(parse_duration("5s")), 5s);
  CAF_CHECK_EQUAL(value_of(parse_duration("60 s")), 60s);
  CAF_CHECK_EQUAL(value_of(parse_duration("30min")), 30min);
  CAF_CHECK_EQUAL(value_of(parse_duration("1h")), 1h);
  CAF_CHECK_EQUAL(value_of(parse_duration("9223372036854775807ns")), duration::max());
}

CAF_TEST(what is no duration) {
  constexpr auto no_unit = "has no unit (ns, us, ms, s, min or h)";
  constexpr auto fraction
    = "is not a whole number and a unit (write 1500ms for one and a half seconds)";
  check_refused(parse_duration, {{"", "is empty"},
                                 {"-5s", "is negative"},
                                 {"+5s", no_digit},
                                 {" 5s", no_digit},
                                 {"s", no_digit},
                                 {"inf", no_digit},
                                 {"5", no_unit},
                                 {"5000", no_unit},
                                 {"1.5s", fraction},
                                 {"1,5s", fraction},
                                 {"5 ", unknown_unit},
                                 {"5  s", unknown_unit},
                                 {"5s ", unknown_unit},
                                 {"5S", unknown_unit},
                                 {"5m", unknown_unit},
                                 {"5d", unknown_unit},
                                 {"5sec", unknown_unit},
                                 {"5s10ms", unknown_unit},
                                 {"5e3ms", unknown_unit},
                                 {"9223372036854775808ns", "is too large"},
                                 {"9223372037s", "is too large"},
                                 {"2562048h", "is too large"},
                                 {"99999999999999999999999s", "is too large"}});
}

CAF_TEST(milliseconds of URI options) {
  CAF_CHECK_EQUAL(value_of(parse_milliseconds("0")), 0ns);
  CAF_CHECK_EQUAL(value_of(parse_milliseconds("5000")), 5s);
  check_refused(parse_milliseconds, {{"", "is empty"},
                                     {"-2", "is negative"},
                                     {"invalid", no_digit},
                                     {"5s", no_whole_number},
                                     {"9223372036855", "is too large"}});
}

CAF_TEST(numbers) {
  CAF_CHECK_EQUAL(value_of(parse_number("0")), 0.0);
  CAF_CHECK_EQUAL(value_of(parse_number("2")), 2.0);
  CAF_CHECK_EQUAL(value_of(parse_number("1.5")), 1.5);
  CAF_CHECK_EQUAL(value_of(parse_number("1e3")), 1000.0);
  check_refused(parse_number, {{"", "is empty"},
                               {"-1", "is negative"},
                               {"-nan", "is negative"},
                               {"nan", no_digit},
                               {"inf", no_digit},
                               {"+1", no_digit},
                               {" 1", no_digit},
                               {"0x1p3", "is not a number"},
                               {"1,5", "is not a number"},
                               {"1.5x", "is not a number"},
                               {"1 ", "is not a number"},
                               {"10%", "is not a number"},
                               {"1e999", "is out of range"}});
}

CAF_TEST(fractions) {
  CAF_CHECK_EQUAL(value_of(parse_fraction("0.1")), 0.1);
  CAF_CHECK_EQUAL(value_of(parse_fraction("10%")), 0.1);
  CAF_CHECK_EQUAL(value_of(parse_fraction("100%")), 1.0);
  CAF_CHECK_EQUAL(value_of(parse_fraction("2.5%")), 0.025);
  check_refused(parse_fraction, {{"", "is empty"},
                                 {"%", "is empty"},
                                 {"-10%", "is negative"},
                                 {"ten%", no_digit},
                                 {"10%%", "is not a number"},
                                 {"10 %", "is not a number"},
                                 {"nan", no_digit}});
}

CAF_TEST(durations print as they are read) {
  CAF_CHECK_EQUAL(format_duration(0ns), "0");
  CAF_CHECK_EQUAL(format_duration(1ns), "1ns");
  CAF_CHECK_EQUAL(format_duration(1500us), "1500us");
  CAF_CHECK_EQUAL(format_duration(250ms), "250ms");
  CAF_CHECK_EQUAL(format_duration(90s), "90s");
  CAF_CHECK_EQUAL(format_duration(30min), "30min");
  CAF_CHECK_EQUAL(format_duration(24h), "24h");
  CAF_CHECK_EQUAL(format_duration(-5s), "-5s");
  for (const duration span :
       {duration{0ns}, duration{17ns}, duration{5s}, duration{61min}, duration::max()})
    CAF_CHECK_EQUAL(value_of(parse_duration(format_duration(span))), span);
}

CAF_TEST(numbers print as they are read) {
  CAF_CHECK_EQUAL(format_number(2.0), "2");
  CAF_CHECK_EQUAL(format_number(0.1), "0.1");
  CAF_CHECK_EQUAL(format_number(std::nan("")), "nan");
  for (const double number : {0.0, 0.1, 1.0 / 3, 1e20})
    CAF_CHECK_EQUAL(value_of(parse_number(format_number(number))), number);
}
