// Whether what a server sends looks like replies.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <sys/uio.h>

namespace moor::mongo {

/// Follows the messages of one connection by their fixed parts: sizes, opcodes, and the frame of
/// the first document (MongoDB Wire Protocol, "Standard Message Header", "OP_MSG", "OP_REPLY"). A
/// peer that sends anything else is no server, and is told from a slow one at its first bytes;
/// and libmongoc 1.23 is spared replies by which it would end the process. What the documents hold
/// is not looked at. Used by one thread at a time.
class reply_check {
public:
  /// The client sent the first `count` bytes of `buffers`.
  void sent(std::span<const iovec> buffers, std::size_t count) noexcept;

  /// The server sent the first `count` bytes of `buffers`. What is wrong with them, empty if
  /// nothing is; after that the connection is of no use.
  std::string_view received(std::span<const iovec> buffers, std::size_t count) noexcept;

private:
  /// The message that is under way in one direction.
  struct message {
    std::array<std::uint8_t, 40> start{};
    std::size_t seen = 0;

    std::int32_t number(std::size_t at) const noexcept;
    std::size_t size() const noexcept { return static_cast<std::size_t>(number(0)); }
    /// Takes of `bytes` what it needs to be seen up to `until`.
    std::size_t take(std::span<const std::uint8_t> bytes, std::size_t until) noexcept;
  };

  std::string_view receive(std::span<const std::uint8_t> bytes) noexcept;
  std::size_t frame_size() const noexcept;
  std::string_view judge() const noexcept;
  std::string_view judge_frame() const noexcept;

  message out_;
  message in_;
  std::int32_t asked_ = 0; // the opcode of the message sent last
};

} // namespace moor::mongo
