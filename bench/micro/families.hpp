// The machines' benchmarks, by family.
#pragma once

namespace micro {

// Each makes its benchmarks known to the library.
void add_books();
void add_failures();
void add_pool();
void add_wait_queue();

} // namespace micro
