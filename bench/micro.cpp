// The machines alone, by Google Benchmark. bench/README.md says how to read it.
#include <benchmark/benchmark.h>

#include "micro/families.hpp"

int main(int argc, char** argv) {
  micro::add_pool();
  micro::add_wait_queue();
  micro::add_failures();
  micro::add_books();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
