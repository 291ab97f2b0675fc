// What may be kept of a message written by a server or by libmongoc.
#pragma once

#include <string>
#include <string_view>

namespace moor::mongo {

/// `text` with every part that is in quotes ("…", '…', `…`) or braces ({…}) replaced by `***`:
/// there libmongoc and the servers put the values they speak of. An opening quote that nothing
/// closes takes the rest of the text with it. Control characters become `?`: a line stays one.
std::string without_values(std::string_view text);

} // namespace moor::mongo
