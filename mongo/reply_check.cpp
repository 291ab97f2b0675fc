#include "moor/mongo/reply_check.hpp"

#include <algorithm>
#include <cstring>

#include <endian.h>

namespace moor::mongo {

namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t header_size = 16;

constexpr std::string_view odd_msg = "an OP_MSG does not hold one document";

/// What libmongoc takes; servers say no more in `maxMessageSizeBytes`.
constexpr std::int32_t largest = 48'000'000;

constexpr std::int32_t op_reply = 1;
constexpr std::int32_t op_query = 2004;
constexpr std::int32_t op_get_more = 2005;
constexpr std::int32_t op_compressed = 2012;
constexpr std::int32_t op_msg = 2013;

constexpr std::int32_t smallest_document = 5;

// Positions in an OP_MSG: flags, kind of the first section, its document.
constexpr std::size_t msg_flags = 16;
constexpr std::size_t msg_kind = 20;
constexpr std::size_t msg_body = 21;
/// Flags that must be understood. Of those, libmongoc 1.23 knows none that a server may use
/// unasked: neither the checksum nor the announcement of further replies.
constexpr std::uint32_t required_flags = 0xffff;

// An OP_REPLY has from none to many documents, the bounds of which libmongoc checks.
constexpr std::size_t reply_body = 36;

// Positions in an OP_COMPRESSED: what it wraps, the size of that, the compressor.
constexpr std::size_t compressed_opcode = 16;
constexpr std::size_t compressed_size = 20;
constexpr std::size_t compressed_by = 24;
constexpr std::size_t compressed_body = 25;
constexpr int last_compressor = 3; // snappy, zlib, zstd; 0 is none at all

std::span<const std::uint8_t> bytes_of(const iovec& buffer, std::size_t most) noexcept {
  return {static_cast<const std::uint8_t*>(buffer.iov_base), std::min(buffer.iov_len, most)};
}

} // namespace

// All numbers are little-endian.
std::int32_t reply_check::message::number(std::size_t at) const noexcept {
  std::uint32_t result = 0;
  std::memcpy(&result, start.data() + at, sizeof result);
  return static_cast<std::int32_t>(::le32toh(result));
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
      if (out_.seen < header_size || out_.seen < out_.size())
        continue;
      note_question();
      out_ = {};
    }
  }
}

void reply_check::note_question() noexcept {
  const bool compressed = out_.number(12) == op_compressed;
  const auto opcode = out_.number(compressed ? compressed_opcode : 12);
  if (opcode != op_msg && opcode != op_query && opcode != op_get_more)
    return; // no answer comes of it
  asked_ = opcode;
  asked_compressed_ = compressed;
}

/// A question is answered in its own form, and compressed only if it was. (Wire Protocol,
/// "OP_COMPRESSED")
bool reply_check::may_come(std::int32_t opcode) const noexcept {
  return asked_ != 0 && opcode == (asked_ == op_msg ? op_msg : op_reply);
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
    const auto taken = bytes.first(in_.take(bytes, until));
    bytes = bytes.subspan(taken.size());
    if (in_.seen == until)
      if (const auto wrong = judge(); !wrong.empty())
        return wrong;
    if (in_.seen < header_size || in_.seen < in_.size())
      continue;
    if (in_.number(12) == op_msg && taken.back() != 0)
      return odd_msg;
    in_ = {};
  }
  return {};
}

/// As far as a message of this kind is looked at.
std::size_t reply_check::frame_size() const noexcept {
  switch (in_.number(12)) {
    case op_reply: return reply_body;
    case op_msg: return msg_body + smallest_document;
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
    const auto opcode = in_.number(12);
    if (!may_come(opcode) && !(asked_compressed_ && opcode == op_compressed))
      return "a message is no answer to what was asked";
    return in_.size() < frame_size() ? "a message is too short" : "";
  }
  return in_.seen == frame_size() ? judge_frame() : "";
}

std::string_view reply_check::judge_frame() const noexcept {
  switch (in_.number(12)) {
    case op_msg: {
      const auto flags = static_cast<std::uint32_t>(in_.number(msg_flags));
      if ((flags & required_flags) != 0)
        return "an OP_MSG has flags that were not asked for";
      const auto room = static_cast<std::int32_t>(in_.size() - msg_body);
      return in_.start[msg_kind] == 0 && in_.number(msg_body) == room ? "" : odd_msg;
    }
    case op_compressed: {
      const auto size = in_.number(compressed_size);
      const int compressor = in_.start[compressed_by];
      return may_come(in_.number(compressed_opcode)) && size >= smallest_document && size <= largest
                 && compressor >= 1 && compressor <= last_compressor
               ? ""
               : "an OP_COMPRESSED does not hold an answer to what was asked";
    }
    default: return "";
  }
}

} // namespace moor::mongo
