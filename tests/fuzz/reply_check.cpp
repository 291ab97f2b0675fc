// What a server sends, frame by frame: the verdict is the same however the bytes arrive.
#include <array>
#include <span>
#include <vector>

#include "fuzz/check.hpp"
#include "moor/mongo/reply_check.hpp"

namespace {

using bytes = std::vector<std::uint8_t>;

/// Whether nothing is wrong if the bytes arrive `step` at a time, in two buffers each.
bool passes(bytes question, bytes reply, std::size_t step) {
  moor::mongo::reply_check check;
  const iovec asked{question.data(), question.size()};
  check.sent({&asked, 1}, question.size());
  for (std::size_t at = 0; at < reply.size(); at += step) {
    const auto count = std::min(step, reply.size() - at);
    const std::array parts{iovec{reply.data() + at, count / 2},
                           iovec{reply.data() + at + count / 2, count - count / 2}};
    if (!check.received(parts, count).empty())
      return false;
  }
  return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A question of at most 64 bytes, whose length the first byte says.
  if (size < 2)
    return 0;
  const auto asked = std::min<std::size_t>(data[0] % 64, size - 1);
  const bytes question(data + 1, data + 1 + asked);
  const bytes reply(data + 1 + asked, data + size);
  const bool whole = passes(question, reply, reply.size() + 1);
  moor::fuzz::require(passes(question, reply, 1) == whole, "one byte at a time is judged alike");
  moor::fuzz::require(passes(question, reply, 7) == whole, "seven at a time are judged alike");
  return 0;
}
