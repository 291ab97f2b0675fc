// Files of settings and secrets, read whole.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "moor/config/secret_files.hpp"

namespace moor {

/// A file that holds one connection string or password is not larger.
inline constexpr std::size_t largest_secret_file = 16'384;

/// The file's bytes, and whether everybody on this machine may read it (the mode's read right for
/// others, of the file that a symbolic link leads to). Refused: what is no regular file, and a file
/// of more than `most` bytes. Blocks on the file system, and never on a pipe or a device.
file_text read_small_file(const std::string& path, std::size_t most);

/// The text up to its first line end, which may be that of other systems ("\r\n").
std::string_view first_line(std::string_view text) noexcept;

/// The one line of a file that holds a secret, without the line end. Refused beyond the above:
/// nothing at all, control characters, bytes that are not UTF-8.
file_text read_secret_file(const std::string& path);

} // namespace moor
