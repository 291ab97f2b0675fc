// Between documents, JSON text and libbson. All functions are pure and may be called by any thread.
#pragma once

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

/// Relaxed extended JSON, or why there is none: `body` is no document, or a text in it is not UTF-8
/// (which servers take, and `validate` does not always refuse).
std::variant<std::string, failure> to_json(const document& body);

/// A copy of the bytes of `body`.
document to_document(const _bson_t& body);

} // namespace moor::mongo
