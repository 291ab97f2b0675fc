#define CAF_SUITE mongo_without_values

#include "moor/mongo/without_values.hpp"

#include <utility>

#include <caf/test/unit_test.hpp>

using moor::mongo::without_values;

CAF_TEST(what stands in quotes or braces is hidden) {
  const std::pair<const char*, const char*> cases[] = {
    {"", ""},
    {"nothing to hide", "nothing to hide"},
    {"Unsupported value for \"w\": \"secret\"", "Unsupported value for ***: ***"},
    {"dup key: { name: \"x\", a: { b: 1 } } in c", "dup key: *** in c"},
    {"'a' and `b`", "*** and ***"},
    {"it can't be 'secret'", "it can't be ***"},
    {"the server's \"secret", "the server's ***"},
    {"{ secret", "***"},
    {"{ \"}\" secret } kept", "******"},
    {"'it's secret'", "***"},
    {"one\nline\x1b[2J", "one?line?[2J"},
  };
  for (const auto& [text, expected] : cases)
    CAF_CHECK_EQUAL(without_values(text), expected);
}
