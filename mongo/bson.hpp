// Between documents, JSON text and libbson. All functions are pure and may be called by any thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "moor/messages/document.hpp"
#include "moor/messages/errors.hpp"

struct _bson_t; // libbson's document, opaque here

namespace moor::mongo {

/// Largest document a server takes as a command: 16 MiB for a stored document and 16 KiB for what
/// is put around it (the server's BSONObjMaxInternalSize).
inline constexpr std::size_t longest_document = 16 * 1024 * 1024 + 16 * 1024;

/// Levels of nesting at most, the outermost document being the first (MongoDB's limit).
inline constexpr int deepest_document = 100;

/// Why `body` is no BSON document (`invalid_argument`, nothing spoilt), or nothing if it is one.
/// A document that passes can be given to libbson and libmongoc: it neither reads outside of the
/// bytes nor recurses without bound.
std::optional<failure> validate(const document& body);

/// The document that one JSON object stands for; extended JSON (`{"$oid": …}` and the like) is
/// understood. Otherwise `invalid_argument`, with the reason but none of the values.
std::variant<document, failure> from_json(std::string_view text);

/// Relaxed extended JSON, or why `body` is no document.
std::variant<std::string, failure> to_json(const document& body);

/// A copy of the bytes of `body`.
document to_document(const _bson_t& body);

/// libbson's view of a document, without a copy of its bytes: valid as long as these are.
class bson_view {
public:
  /// `body` must have passed `validate`.
  explicit bson_view(const document& body) noexcept;

  bson_view(const bson_view&) = delete;
  bson_view& operator=(const bson_view&) = delete;

  const _bson_t* get() const noexcept;

private:
  // Holds the bson_t, whose size and alignment libbson fixes at 128.
  alignas(128) std::array<std::byte, 128> storage_{};
};

} // namespace moor::mongo
