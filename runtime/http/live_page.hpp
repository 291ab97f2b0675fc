// The live page, which the library carries inside.
#pragma once

#include <string>
#include <string_view>

namespace moor::http {

/// The page as it is in the folder page/, from whose files the build makes this function.
std::string_view page_source() noexcept;

/// The page, whose style and script carry `nonce`.
std::string live_page(std::string_view nonce);

/// The policy that permits them, connections to where the page came from, and nothing else.
std::string live_page_policy(std::string_view nonce);

/// Something nobody can guess, in hexadecimal. Throws what `std::random_device` throws.
std::string fresh_nonce();

} // namespace moor::http
