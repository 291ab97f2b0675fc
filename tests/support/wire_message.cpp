#include "support/wire_message.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <string_view>

#include "moor/mongo/bson.hpp"
#include "moor/mongo/handles.hpp"

namespace moor::test {

namespace {

constexpr std::int32_t op_reply = 1;
constexpr std::int32_t op_query = 2004;
constexpr std::int32_t op_msg = 2013;

/// Length of the message, its number, the number of the one it answers, kind.
constexpr std::size_t header_size = 4 * sizeof(std::int32_t);

/// The flags of an OP_MSG of which a server must know all in the lower half.
constexpr std::uint32_t more_to_come = 2;
constexpr std::uint32_t must_be_known = 0xffff;

using bytes_view = std::span<const std::uint8_t>;

std::int32_t int_at(bytes_view bytes, std::size_t at) {
  std::int32_t result = 0;
  std::memcpy(&result, bytes.data() + at, sizeof result);
  return static_cast<std::int32_t>(BSON_UINT32_FROM_LE(static_cast<std::uint32_t>(result)));
}

/// Takes one part after the other from a message; throws `wire_error` at its end.
class parts {
public:
  explicit parts(bytes_view bytes) : left_{bytes} {}

  bool at_end() const noexcept { return left_.empty(); }

  bytes_view take(std::size_t size) {
    if (size > left_.size())
      throw wire_error("a part of the message reaches beyond its end");
    const auto result = left_.first(size);
    left_ = left_.subspan(size);
    return result;
  }

  std::int32_t take_int() { return int_at(take(sizeof(std::int32_t)), 0); }

  void skip_text() {
    const auto end = std::ranges::find(left_, 0);
    take(static_cast<std::size_t>(end - left_.begin()) + 1);
  }

  document take_document() {
    const auto body = take_sized();
    document result{{body.begin(), body.end()}};
    if (const auto problem = mongo::validate(result))
      throw wire_error(problem->text);
    return result;
  }

  /// What begins with its own size.
  bytes_view take_sized() {
    if (left_.size() < sizeof(std::int32_t))
      throw wire_error("the message ends within a size");
    const auto size = int_at(left_, 0);
    if (size < static_cast<std::int32_t>(sizeof size))
      throw wire_error("a part of the message is smaller than its own size");
    return take(static_cast<std::size_t>(size));
  }

private:
  bytes_view left_;
};

std::size_t count_documents(bytes_view sequence) {
  parts left{sequence};
  left.take_int(); // the size
  left.skip_text();
  std::size_t result = 0;
  for (; !left.at_end(); ++result)
    left.take_document();
  return result;
}

wire_request parse_msg(parts left) {
  wire_request result;
  const auto flags = static_cast<std::uint32_t>(left.take_int());
  if ((flags & must_be_known & ~more_to_come) != 0)
    throw wire_error("the message has a flag that is not known");
  result.answerless = (flags & more_to_come) != 0;
  while (!left.at_end()) {
    const auto kind = left.take(1).front();
    if (kind > 1 || (kind == 0 && !result.body.bytes.empty()))
      throw wire_error("the message has a section too many, or of a kind that is not known");
    if (kind == 0)
      result.body = left.take_document();
    else
      result.sequence += count_documents(left.take_sized());
  }
  if (result.body.bytes.empty())
    throw wire_error("the message has no body");
  return result;
}

wire_request parse_query(parts left) {
  wire_request result;
  result.legacy = true;
  left.take_int(); // flags
  left.skip_text();
  left.take_int(); // documents to skip
  left.take_int(); // documents to return
  result.body = left.take_document();
  return result;
}

wire_request parse(bytes_view message) {
  const auto kind = int_at(message, 3 * sizeof(std::int32_t));
  if (kind != op_msg && kind != op_query)
    throw wire_error("a message of kind " + std::to_string(kind) + " is not understood");
  const parts body{message.subspan(header_size)};
  auto result = kind == op_msg ? parse_msg(body) : parse_query(body);
  result.number = int_at(message, sizeof(std::int32_t));
  return result;
}

void append(std::string& to, std::initializer_list<std::int32_t> numbers) {
  for (const auto number : numbers) {
    const auto little = BSON_UINT32_TO_LE(static_cast<std::uint32_t>(number));
    std::array<char, sizeof little> bytes{};
    std::memcpy(bytes.data(), &little, bytes.size());
    to.append(bytes.data(), bytes.size());
  }
}

} // namespace

void wire_inbox::add(std::span<const char> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

std::optional<wire_request> wire_inbox::next() {
  if (bytes_.size() < header_size)
    return std::nullopt;
  const auto announced = int_at(bytes_, 0);
  if (announced < static_cast<std::int32_t>(header_size) || announced > longest_message)
    throw wire_error("a message cannot have " + std::to_string(announced) + " bytes");
  const auto size = static_cast<std::size_t>(announced);
  if (bytes_.size() < size)
    return std::nullopt;
  auto result = parse(bytes_view{bytes_}.first(size));
  bytes_.erase(bytes_.begin(), bytes_.begin() + announced);
  return result;
}

std::string wire_answer(const wire_request& asked, const document& body) {
  // Flags, number of the cursor (two words), place in the result, number of documents; or flags,
  // and the kind of the one section.
  const std::size_t between = asked.legacy ? 5 * sizeof(std::int32_t) : sizeof(std::int32_t) + 1;
  const auto size = static_cast<std::int32_t>(header_size + between + body.bytes.size());
  std::string result;
  append(result, {size, 1, asked.number, asked.legacy ? op_reply : op_msg});
  if (asked.legacy)
    append(result, {0, 0, 0, 0, 1});
  else
    result.append(between, '\0');
  return result.append(body.bytes.begin(), body.bytes.end());
}

std::string name_of(const wire_request& request) {
  const mongo::bson_view body{request.body};
  bson_iter_t field;
  return bson_iter_init(&field, body.get()) && bson_iter_next(&field) ? bson_iter_key(&field) : "";
}

} // namespace moor::test
