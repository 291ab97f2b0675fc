// libmongoc as a whole: its initialisation and its log.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace moor::mongo {

/// libmongoc's levels, the gravest first.
enum class log_level : std::uint8_t { error, critical, warning, message, info, debug, trace };

/// Takes a line of libmongoc's log: its level, the part of libmongoc that speaks, and its text
/// without the quoted parts, where values stand.
using log_sink = std::function<void(log_level, std::string_view part, const std::string& text)>;

/// Replaces the sink of libmongoc's log for the whole process; any thread. On return the former one
/// is not in use any more. Lines come from any thread, one at a time. The sink must not call
/// libmongoc, which holds a lock meanwhile, nor this function, nor throw. An empty function brings
/// back the default: warnings and worse go to standard error, the rest nowhere.
void set_log_sink(log_sink sink);

/// Initialises libmongoc once for the process; any thread, any number of times.
///
/// Nothing ever cleans it up: a client that is used after `mongoc_cleanup` sends corrupt messages,
/// and moor cannot know who else in the process uses libmongoc. The process's end frees all of it.
void initialize_library();

/// The version of libmongoc that runs, "1.23.1" for instance.
std::string library_version();

} // namespace moor::mongo
