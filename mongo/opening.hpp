// What the first bytes of the other side say of the language that it speaks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <sys/uio.h>

#include "moor/messages/causes.hpp"

namespace moor::mongo {

/// Looks at what a server sends first: a TLS record where none was asked for, or none where there
/// should be one (RFC 8446, "Record Layer"), or HTTP. Used by one thread at a time.
class opening {
public:
  /// The server sent the first `count` bytes of `buffers`.
  void received(std::span<const iovec> buffers, std::size_t count) noexcept;

  bool silent() const noexcept { return seen_ == 0; }

  /// An alert that is not encrypted, as a server sends it that wants TLS and got something else. No
  /// message of MongoDB's begins so: the same bytes would be those of a first answer with more than
  /// 64 KiB.
  bool is_alert() const noexcept;
  /// Of an alert: its number, if that is there.
  std::optional<std::uint8_t> alert() const noexcept;

  /// Something that no TLS record begins with.
  bool is_not_tls() const noexcept;

  /// The beginning of a response of HTTP (RFC 9112). No message of MongoDB's is of the size that
  /// the same bytes would be.
  bool is_http() const noexcept;

private:
  std::array<std::uint8_t, 7> bytes_{};
  std::size_t seen_ = 0;
};

} // namespace moor::mongo
