// Files of the official pool tests' format: read, or refused with a reason.
#include <string>

#include "fuzz/check.hpp"
#include "spec/parse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto test
      = moor::test::spec::parse_test_text(std::string{moor::fuzz::text_of(data, size)});
    for (const auto& one : test.operations)
      moor::fuzz::require(!one.what.valueless_by_exception(), "operations are whole");
  } catch (const moor::test::spec::malformed& why) {
    moor::fuzz::require(why.what()[0] != '\0', "refusals have a reason");
  }
  return 0;
}
