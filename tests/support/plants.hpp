// What tests use as passwords, users and values of queries, so that it is known when moor shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moor::test {

/// Stands in every plant, and nowhere else in the project: not in names of fields or operations
/// either, which moor shows. The tests in Python read it from this line.
inline constexpr std::string_view plant_mark = "zq7plant";

/// The same for numbers: digits of every planted one, also where it is written as a double.
inline constexpr std::string_view plant_digits = "48159263507412";

/// A plant that ends with `what`: a password, a user, a text to insert. The process says on
/// standard error that it plants (`planting_line`), for the scan of the whole run.
std::string planted(std::string_view what);

/// A planted number, each `n` from 0 to 8 another one.
std::int64_t planted_number(int n = 0);

/// What a process says that plants.
inline constexpr std::string_view planting_line = "moor's tests: this one plants secrets";

/// The first plant in a text, in words for people: which one, and how it was written. Plain, in
/// other cases, percent-encoded, with JSON's escapes, in hexadecimal digits, in base64, and
/// numbers.
std::optional<std::string> find_plant(std::string_view text);

/// As in URIs: all that is no letter or digit is written as %XX.
std::string percent_encoded(std::string_view text);

/// As in an Authorization header.
std::string base64(std::string_view bytes);

} // namespace moor::test
