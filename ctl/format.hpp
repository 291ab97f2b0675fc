// Text for a terminal. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "moor/config/duration.hpp"

namespace moor::ctl {

/// A span with its unit, to about three digits: "0.21 ms", "12.5 ms", "1.25 s", "3 min 4 s", "2 h 5
/// min", "3 d 4 h". A negative one counts as none.
std::string for_people(duration span);

/// The same of a number of milliseconds, which may be any number.
std::string milliseconds_for_people(double count);

/// The day of a point in seconds of Unix time, "2026-11-26"; "never" beyond the year 9999.
std::string day(std::int64_t unix_seconds);

/// "1 connection", "3 connections".
std::string counted(std::uint64_t count, std::string_view noun);

/// How often something happens: "0/s", "0.4/s", "12/s", "1,234/s".
std::string rate(double per_second);

/// A whole number with separators: "1,234,567".
std::string grouped(std::uint64_t number);

/// `text` as it may be shown on a terminal: control characters, what is no UTF-8, and what turns
/// the direction of writing become '?'. A terminal obeys control characters, whoever wrote them.
std::string harmless(std::string_view text);

/// Columns that `text`, which is `harmless`, takes: one for each code point.
std::size_t columns(std::string_view text);

/// `text`, which is `harmless`, filled up with blanks or cut, the last column being "…" then, to
/// just so many columns.
std::string fitted(std::string_view text, std::size_t width);

/// As `fitted`, with the blanks before the text.
std::string fitted_right(std::string_view text, std::size_t width);

} // namespace moor::ctl
