// The main() of every unit-test binary: a translation unit of its own, as it is slow to compile.
#include "caf/test/unit_test_impl.hpp"
