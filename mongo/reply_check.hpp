// Whether what a server sends looks like replies.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <sys/uio.h>

namespace moor::mongo {

/// Follows the messages of one connection by their frames: sizes, opcodes, and where the document
/// of an OP_MSG begins and ends (MongoDB Wire Protocol, "Standard Message Header", "OP_MSG"). A
/// peer that sends anything else is no server, and is told from a slow one at its first bytes; and
/// libmongoc 1.23 is spared frames that it does not check, some of which end the process. It cannot
/// be spared all: what is compressed and what the documents hold is not looked at. Used by one
/// thread at a time.
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

  void note_question() noexcept;
  bool may_come(std::int32_t opcode) const noexcept;
  std::string_view receive(std::span<const std::uint8_t> bytes) noexcept;
  std::size_t frame_size() const noexcept;
  std::string_view judge() const noexcept;
  std::string_view judge_frame() const noexcept;

  message out_;
  message in_;
  std::int32_t asked_ = 0; // the opcode of what was asked last
  bool asked_compressed_ = false;
};

} // namespace moor::mongo
