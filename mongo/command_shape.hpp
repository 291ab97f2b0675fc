// What may be told of a command: the names in it, never the values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "moor/mongo/handles.hpp"

namespace moor::mongo {

/// Upper bound of a shape's length.
inline constexpr std::size_t longest_shape = 512;

/// Writes the command's shape over `into`: `{filter: {age: {$gt}, name}, sort: {age}, limit}`.
///
/// Left out are the command's name and what drivers add for themselves (`lsid`, `$db`, …). Of an
/// array only documents are shown, equal neighbours once. Characters of a name that mean something
/// in a shape or a log line are written `_`. What is too long, too deep or too much ends with
/// `...`: the cost is bounded, however large the command is. Commands of authentication have no
/// shape. Pure; any thread.
void write_shape(std::string_view name, const bson_t& command, std::string& into);

/// The collection that a command is on; empty if it is on none, or moor does not know the command,
/// whose first value may be anything then. Valid as long as the command.
std::string_view collection_of(std::string_view name, const bson_t& command);

/// Whether it opens a cursor whose reads wait at the server for data that is yet to come: a change
/// stream, or a tailable cursor with `awaitData`.
bool opens_waiting_cursor(std::string_view name, const bson_t& command);

} // namespace moor::mongo
