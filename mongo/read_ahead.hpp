// What a socket received beyond what it was asked for.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>

#include <sys/uio.h>

namespace moor::mongo {

/// libmongoc asks for a reply's size first and then for the rest, as TLS does for its records: with
/// this a small one is a single system call. Used by one thread at a time.
class read_ahead {
public:
  /// Enough for most replies; what is larger is received where it is wanted.
  static constexpr std::size_t capacity = 4096;

  bool empty() const noexcept { return begin_ == end_; }

  /// Fills the buffers from the first on, as far as it goes; returns how many bytes that were.
  std::size_t take(std::span<const iovec> into) noexcept {
    std::size_t taken = 0;
    for (const auto& buffer : into) {
      const auto count = std::min(buffer.iov_len, end_ - begin_);
      if (count == 0)
        continue;
      std::memcpy(buffer.iov_base, bytes_.data() + begin_, count);
      begin_ += count;
      taken += count;
    }
    return taken;
  }

  /// Where the next bytes may be received; to be asked for while it is empty.
  iovec room() noexcept { return {bytes_.data(), bytes_.size()}; }
  void received(std::size_t count) noexcept {
    begin_ = 0;
    end_ = count;
  }

  void clear() noexcept { begin_ = end_ = 0; }

private:
  std::array<char, capacity> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

} // namespace moor::mongo
