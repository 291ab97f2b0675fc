// What the index asks of its database: commands, and what their replies say. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "moor/messages/document.hpp"

#include "dpkg_status.hpp"

namespace package_index {

/// The only database that the example touches, and its collection.
inline constexpr auto database = "moor_demo";
inline constexpr auto collection = "packages";

/// A package's key: its name and architecture, since one name may be installed for several.
std::string key_of(const package& p);

/// The filter {_id: key} and the update {$set: …} that upsert a package.
moor::document filter_for(const package& p);
moor::document update_for(const package& p);

// -- commands -------------------------------------------------------------------------------------

moor::document drop_database();
moor::document create_indexes();
/// One `update` command that upserts all of them.
moor::document upsert(std::span<const package> packages);
moor::document find_package(const std::string& key);
/// Packages and their number per section, the most first.
moor::document count_by_section();
/// The `limit` packages of the greatest installed size, the greatest first.
moor::document find_largest(int limit);
/// The names of the packages that depend on one of that name, in alphabetical order, all at once.
moor::document find_dependants(const std::string& name);

// -- replies --------------------------------------------------------------------------------------

/// Label and number, a section and its packages for instance.
using counted = std::pair<std::string, std::int64_t>;

/// The first batch of a reply to `count_by_section` (fields _id and packages) or `find_largest`
/// (_id and installed_size).
std::vector<counted> rows_of(const moor::document& reply, const char* number_field);

/// The number of documents in the first batch of a reply.
std::size_t size_of_batch(const moor::document& reply);

/// What a reply with `ok: 1` says of writes that failed all the same; nothing if there are none.
std::optional<std::string> write_error_in(const moor::document& reply);

} // namespace package_index
