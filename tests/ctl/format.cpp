#define CAF_SUITE ctl_format

#include "moor/ctl/format.hpp"

#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <caf/test/unit_test.hpp>

#include "moor/ctl/paint.hpp"

using namespace moor::ctl;
using namespace std::chrono_literals;

CAF_TEST(a span has its unit and about three digits) {
  const std::vector<std::pair<moor::duration, const char*>> cases{
    {0ns, "0.00 ms"},      {-5s, "0.00 ms"},
    {214us, "0.21 ms"},    {9994us, "9.99 ms"},
    {9995us, "10.0 ms"},   {12'480us, "12.5 ms"},
    {99'940us, "99.9 ms"}, {99'960us, "100 ms"},
    {999'499us, "999 ms"}, {999'500us, "1.00 s"},
    {1250ms, "1.25 s"},    {59'940ms, "59.9 s"},
    {59'960ms, "1 min"},   {184s, "3 min 4 s"},
    {3600s, "1 h"},        {2h + 5min + 20s, "2 h 5 min"},
    {76h, "3 d 4 h"},      {48h, "2 d"}};
  for (const auto& [span, expected] : cases)
    CAF_CHECK_EQUAL(for_people(span), expected);
  CAF_CHECK_EQUAL(for_people(moor::duration::max()), "106751 d 23 h");
}

CAF_TEST(a number of milliseconds from elsewhere may be anything) {
  CAF_CHECK_EQUAL(milliseconds_for_people(1.5), "1.50 ms");
  CAF_CHECK_EQUAL(milliseconds_for_people(-3), "0.00 ms");
  CAF_CHECK_EQUAL(milliseconds_for_people(std::numeric_limits<double>::quiet_NaN()), "0.00 ms");
  CAF_CHECK_EQUAL(milliseconds_for_people(1e300), milliseconds_for_people(9e12));
}

CAF_TEST(a day) {
  CAF_CHECK_EQUAL(day(0), "1970-01-01");
  CAF_CHECK_EQUAL(day(-5), "1970-01-01");
  CAF_CHECK_EQUAL(day(1'795'737'599), "2026-11-26");
  CAF_CHECK_EQUAL(day(253'402'300'799), "9999-12-31");
  CAF_CHECK_EQUAL(day(std::numeric_limits<std::int64_t>::max()), "never");
}

CAF_TEST(numbers are grouped and counted) {
  CAF_CHECK_EQUAL(grouped(0), "0");
  CAF_CHECK_EQUAL(grouped(999), "999");
  CAF_CHECK_EQUAL(grouped(1000), "1,000");
  CAF_CHECK_EQUAL(grouped(1234567), "1,234,567");
  CAF_CHECK_EQUAL(counted(1, "connection"), "1 connection");
  CAF_CHECK_EQUAL(counted(0, "connection"), "0 connections");
  CAF_CHECK_EQUAL(rate(0), "0/s");
  CAF_CHECK_EQUAL(rate(-1), "0/s");
  CAF_CHECK_EQUAL(rate(0.44), "0.4/s");
  CAF_CHECK_EQUAL(rate(9.96), "10/s");
  CAF_CHECK_EQUAL(rate(1234.4), "1,234/s");
}

CAF_TEST(nothing that a terminal obeys is left) {
  CAF_CHECK_EQUAL(harmless("a\x1b[31mb\nc\x7f"), "a?[31mb?c?");
  CAF_CHECK_EQUAL(harmless("gr\xC3\xBC\xC3\x9F"
                           "e \xE2\x82\xAC \xF0\x9F\x8C\x8A"),
                  "gr\xC3\xBC\xC3\x9F"
                  "e \xE2\x82\xAC \xF0\x9F\x8C\x8A");
  CAF_CHECK_EQUAL(harmless("\xC2\x9B"
                           "31m"),
                  "?31m"); // CSI in one character
  CAF_CHECK_EQUAL(harmless("a\xE2\x80\xAE"
                           "b"),
                  "a?b"); // right-to-left override
  CAF_CHECK_EQUAL(harmless("a\xE2\x81\xA6"
                           "b"),
                  "a?b"); // isolate
  CAF_CHECK_EQUAL(harmless("\xFF\xC3"
                           "a\xE2\x82"),
                  "??a??"); // no UTF-8
}

CAF_TEST(a text is fitted by its characters) {
  CAF_CHECK_EQUAL(columns("\xC3\xBC\xE2\x82\xAC"
                          "a"),
                  3U);
  CAF_CHECK_EQUAL(fitted("ab", 4), "ab  ");
  CAF_CHECK_EQUAL(fitted_right("ab", 4), "  ab");
  CAF_CHECK_EQUAL(fitted("abcd", 4), "abcd");
  CAF_CHECK_EQUAL(fitted("abcde", 4), "abc\xE2\x80\xA6");
  CAF_CHECK_EQUAL(fitted("\xC3\xBC\xC3\xBC\xC3\xBC", 2), "\xC3\xBC\xE2\x80\xA6");
  CAF_CHECK_EQUAL(fitted("abc", 0), "");
}

CAF_TEST(colours are there where they are wanted) {
  CAF_CHECK_EQUAL(paint{true}(tone::bad, "x"), "\x1b[31mx\x1b[0m");
  CAF_CHECK_EQUAL(paint{false}(tone::bad, "x"), "x");
  CAF_CHECK_EQUAL(paint{true}(tone::plain, "x"), "x");
  CAF_CHECK_EQUAL(paint{true}(tone::bad, ""), "");
}
