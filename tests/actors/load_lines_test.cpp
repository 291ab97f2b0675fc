// Who is named when a pool is saturated.
#define CAF_SUITE load_lines

#include "moor/actors/load_lines.hpp"

#include <caf/test/unit_test.hpp>

using namespace moor::actors;

CAF_TEST(those that hold the most come first and only so many) {
  CAF_CHECK_EQUAL(top_holders({{"report", 5}, {"find", 3}, {"sum", 1}, {"add", 3}}, 3),
                  "report:5,add:3,find:3");
  CAF_CHECK_EQUAL(top_holders({}), "");
}

CAF_TEST(a name can neither end the list nor the line) {
  CAF_CHECK_EQUAL(top_holders({{"a\"b\nc,d:e\\f\x7f\xc3\xa9", 1}}), "a_b_c_d_e_f___:1");
}
