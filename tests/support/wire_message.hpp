// Messages of MongoDB's wire protocol, as a server reads and writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "moor/messages/document.hpp"

namespace moor::test {

/// The longest message that is read: what servers announce as `maxMessageSizeBytes`.
inline constexpr std::int32_t longest_message = 48'000'000;

/// One command, by OP_MSG or by the OP_QUERY with which clients begin.
struct wire_request {
  std::int32_t number = 0;
  bool legacy = false;     ///< by OP_QUERY
  bool answerless = false; ///< the client does not want to hear of it (`moreToCome`)
  document body;           ///< valid BSON
  /// Documents that came beside the body: those to insert, say.
  std::size_t sequence = 0;
};

/// What came is no message, none that a server understands, or too long.
class wire_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Bytes of one connection as they come, and the requests in them. Holds no more than it was given;
/// used by one thread at a time.
class wire_inbox {
public:
  void add(std::span<const char> bytes);

  /// The next request if all of it has come. Throws `wire_error`, as soon as the length is known if
  /// that is too long; then the connection is of no more use.
  std::optional<wire_request> next();

private:
  std::vector<std::uint8_t> bytes_;
};

/// The bytes that answer `asked` with `body`.
std::string wire_answer(const wire_request& asked, const document& body);

/// The command's name: the key of its first field. Empty if it has none.
std::string name_of(const wire_request& request);

} // namespace moor::test
