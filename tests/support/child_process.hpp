// Programs that tests start.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace moor::test {

/// Starts a program that the kernel kills when this process ends, however that happens. Its input
/// is empty; its output and errors are appended to `log`, which is also where it says why it could
/// not be executed (exit status 127). Throws `std::system_error` if no process can be made.
pid_t start_child(const std::vector<std::string>& command, const std::filesystem::path& directory,
                  const std::filesystem::path& log);

} // namespace moor::test
