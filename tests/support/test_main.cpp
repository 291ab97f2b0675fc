// The main() of every unit-test binary, in a translation unit of its own because it is slow to compile.
#include "caf/test/unit_test_impl.hpp"
