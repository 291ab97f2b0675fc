#include "moor/mongo/reply_check.hpp"

#include <algorithm>

namespace moor::mongo {

namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t header_size = 16;

/// What libmongoc takes; servers say no more in `maxMessageSizeBytes`.
constexpr std::int32_t largest = 48'000'000;

constexpr std::int32_t op_reply = 1;
constexpr std::int32_t op_query = 2004;
constexpr std::int32_t op_compressed = 2012;
constexpr std::int32_t op_msg = 2013;

// Positions in an OP_MSG: flags, kind of the first section, its document.
constexpr std::size_t msg_flags = 16;
constexpr std::size_t msg_kind = 20;
constexpr std::size_t msg_body = 21;
constexpr std::uint32_t checksum_present = 1;
constexpr std::uint32_t more_to_come = 2;
constexpr std::uint32_t required_flags = 0xffff; // those that must be understood

// Positions in an OP_REPLY: number of documents, the first one.
constexpr std::size_t reply_count = 32;
constexpr std::size_t reply_body = 36;

// In an OP_COMPRESSED, behind the opcode, size and compressor of what it wraps.
constexpr std::size_t compressed_body = 25;

std::span<const std::uint8_t> bytes_of(const iovec& buffer, std::size_t most) noexcept {
  return {static_cast<const std::uint8_t*>(buffer.iov_base), std::min(buffer.iov_len, most)};
}

/// A command is answered in the form in which it came. (Wire Protocol: only the handshake may come
/// as OP_QUERY, and whether an answer is compressed is the server's choice.)
bool may_answer(std::int32_t asked, std::int32_t opcode) noexcept {
  if (asked == op_query)
    return opcode == op_reply;
  return (asked == op_msg || asked == op_compressed)
         && (opcode == op_msg || opcode == op_compressed);
}

} // namespace

// All numbers are little-endian.
std::int32_t reply_check::message::number(std::size_t at) const noexcept {
  std::uint32_t result = 0;
  for (std::size_t i = 4; i-- > 0;)
    result = result << 8 | start[at + i];
  return static_cast<std::int32_t>(result);
}

std::size_t reply_check::message::take(std::span<const std::uint8_t> bytes,
                                       std::size_t until) noexcept {
  const auto count = std::min(bytes.size(), until - seen);
  const auto room = start.size() - std::min(seen, start.size());
  std::copy_n(bytes.begin(), std::min(count, room), start.begin() + (start.size() - room));
  seen += count;
  return count;
}

void reply_check::sent(std::span<const iovec> buffers, std::size_t count) noexcept {
  for (const auto& buffer : buffers) {
    auto bytes = bytes_of(buffer, count);
    count -= bytes.size();
    while (!bytes.empty()) {
      const auto until = out_.seen < header_size ? header_size : out_.size();
      bytes = bytes.subspan(out_.take(bytes, until));
      if (out_.seen == header_size)
        asked_ = out_.number(12);
      if (out_.seen >= header_size && out_.seen >= out_.size())
        out_ = {};
    }
  }
}

std::string_view reply_check::received(std::span<const iovec> buffers, std::size_t count) noexcept {
  for (const auto& buffer : buffers) {
    const auto bytes = bytes_of(buffer, count);
    count -= bytes.size();
    if (const auto wrong = receive(bytes); !wrong.empty())
      return wrong;
  }
  return {};
}

std::string_view reply_check::receive(std::span<const std::uint8_t> bytes) noexcept {
  while (!bytes.empty()) {
    const auto until = in_.seen < length_size    ? length_size
                       : in_.seen < header_size  ? header_size
                       : in_.seen < frame_size() ? frame_size()
                                                 : in_.size();
    bytes = bytes.subspan(in_.take(bytes, until));
    if (in_.seen == until)
      if (const auto wrong = judge(); !wrong.empty())
        return wrong;
    if (in_.seen >= header_size && in_.seen == in_.size())
      in_ = {};
  }
  return {};
}

/// As far as a message of this kind is looked at.
std::size_t reply_check::frame_size() const noexcept {
  switch (in_.number(12)) {
    case op_reply: return reply_body + length_size;
    case op_msg: return msg_body + length_size;
    case op_compressed: return compressed_body;
    default: return header_size;
  }
}

std::string_view reply_check::judge() const noexcept {
  if (in_.seen == length_size) {
    const auto size = in_.number(0);
    return size < static_cast<std::int32_t>(header_size) || size > largest
             ? "the size of a message is out of range"
             : "";
  }
  if (in_.seen == header_size) {
    if (!may_answer(asked_, in_.number(12)))
      return "a message is no answer to what was asked";
    return in_.size() < frame_size() ? "a message is too short" : "";
  }
  return in_.seen == frame_size() ? judge_frame() : "";
}

std::string_view reply_check::judge_frame() const noexcept {
  if (in_.number(12) == op_compressed)
    return "";
  if (in_.number(12) == op_reply) {
    const bool one = in_.number(reply_count) == 1;
    const auto room = static_cast<std::int32_t>(in_.size() - reply_body);
    return one && in_.number(reply_body) == room ? "" : "an OP_REPLY does not hold one document";
  }
  const auto flags = static_cast<std::uint32_t>(in_.number(msg_flags));
  if ((flags & required_flags & ~(checksum_present | more_to_come)) != 0)
    return "an OP_MSG has flags that are not known";
  const std::size_t checksum = (flags & checksum_present) != 0 ? 4 : 0;
  const auto room = static_cast<std::int32_t>(in_.size() - msg_body - checksum);
  return in_.start[msg_kind] == 0 && in_.number(msg_body) == room
           ? ""
           : "an OP_MSG does not hold one document";
}

} // namespace moor::mongo
