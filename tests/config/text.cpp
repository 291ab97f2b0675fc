#define CAF_SUITE config_text

#include "moor/config/text.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor;

CAF_TEST(ASCII letters and digits are told from the rest) {
  for (const char c : {'0', '9', 'A', 'Z', 'a', 'z'})
    CAF_CHECK(is_alphanumeric(c));
  for (const char c : {'/', ':', '@', '[', '`', '{', '_', '\0', '\xE4'})
    CAF_CHECK(!is_alphanumeric(c));
}

CAF_TEST(only ASCII letters are lowered) {
  CAF_CHECK_EQUAL(to_lower("MaxPoolSize-09 ÄÖ"), "maxpoolsize-09 ÄÖ");
}

CAF_TEST(UTF8 is told from the rest) {
  for (const char* good :
       {"", "plain", "bücher", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"})
    CAF_CHECK(is_utf8(good));
  for (const char* bad :
       {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "a\xFFz"})
    CAF_CHECK(!is_utf8(bad));
}

CAF_TEST(percent encoding is decoded) {
  CAF_CHECK_EQUAL(percent_decode("").value_or("refused"), "");
  CAF_CHECK_EQUAL(percent_decode("a%20b%2Fc%2fd%25").value_or("refused"), "a b/c/d%");
  CAF_CHECK_EQUAL(percent_decode("%C3%BC").value_or("refused"), "ü");
  for (const char* bad : {"%", "%4", "%zz", "%2", "a%", "%%41", "%00", "%C3", "%-1", "% 1", "%0x"})
    CAF_CHECK(!percent_decode(bad));
}

CAF_TEST(edit distance) {
  CAF_CHECK_EQUAL(edit_distance("", ""), 0U);
  CAF_CHECK_EQUAL(edit_distance("", "abc"), 3U);
  CAF_CHECK_EQUAL(edit_distance("abc", ""), 3U);
  CAF_CHECK_EQUAL(edit_distance("kitten", "sitting"), 3U);
  CAF_CHECK_EQUAL(edit_distance("max-pol-size", "max-pool-size"), 1U);
}

CAF_TEST(quoted text is one short line) {
  CAF_CHECK_EQUAL(quoted("plain"), "\"plain\"");
  CAF_CHECK_EQUAL(quoted("two\nlines\x1B[0m\x7F"), "\"two\\x0Alines\\x1B[0m\\x7F\"");
  CAF_CHECK_EQUAL(quoted("\xC3\xBC"), "\"\\xC3\\xBC\"");
  CAF_CHECK_EQUAL(quoted(std::string(500, 'x')), "\"" + std::string(80, 'x') + "…\"");
}
