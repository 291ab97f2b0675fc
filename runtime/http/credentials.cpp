#include "moor/runtime/http/credentials.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "moor/config/setting_table.hpp"
#include "moor/runtime/small_file.hpp"

namespace moor::http {

namespace {

constexpr std::size_t largest_password_file = 4096;

constexpr std::string_view digits
  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool starts_with_basic(std::string_view text) {
  constexpr std::string_view scheme = "basic ";
  if (text.size() < scheme.size())
    return false;
  for (std::size_t i = 0; i < scheme.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) | 0x20U) != static_cast<unsigned char>(scheme[i]))
      return false;
  return true;
}

} // namespace

std::string from_base64(std::string_view text) {
  if (text.size() % 4 != 0)
    return {};
  std::size_t length = text.size();
  for (int padding = 0; padding < 2 && length > 0 && text[length - 1] == '='; ++padding)
    --length;
  std::string bytes;
  bytes.reserve(length / 4 * 3 + 3); // so that growing leaves no copy of a password behind
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char c : text.substr(0, length)) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos)
      return {};
    pending = pending << 6U | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(pending >> static_cast<unsigned>(bits) & 0xFFU);
    }
  }
  return bytes;
}

credentials::credentials(std::string_view user, const secret& password) {
  std::string both;
  both.reserve(user.size() + 1 + password.reveal().size()); // so that growing leaves no copy behind
  both.append(user).append(":").append(password.reveal());
  expected_ = secret{both};
  wipe(both);
}

bool credentials::open_with(std::string_view authorization) const {
  if (!are_wanted())
    return true;
  if (!starts_with_basic(authorization))
    return false;
  auto encoded = authorization.substr(6);
  encoded.remove_prefix(std::min(encoded.find_first_not_of(' '), encoded.size()));
  encoded = encoded.substr(0, encoded.find_last_not_of(' ') + 1);
  auto given = from_base64(encoded);
  const bool same = is_same_secret(given, expected_.reveal());
  wipe(given);
  return same;
}

std::variant<credentials, std::string> read_credentials(const endpoint_settings& config,
                                                        const std::string& when_exposed) {
  const auto& file = config.password_file;
  if (config.user.empty())
    return file.empty()
             ? std::variant<credentials, std::string>{credentials{}}
             : "http-password-file is set, and http-user is not; allowed are both or neither";
  if (config.user.find(':') != std::string::npos)
    return "http-user holds a colon, which basic authentication cannot tell from the password's; "
           "allowed is a name without one";
  if (file.empty())
    return "http-user is set, and http-password-file is not; allowed are both or neither";
  const auto named = "the password file " + (may_be_secret(file) ? "***" : file);
  const auto read = read_small_file(file, largest_password_file);
  if (!read.problem.empty())
    return named + " " + read.problem;
  if (read.exposed && !when_exposed.empty())
    return named + " " + when_exposed;
  const auto password = first_line(read.text.reveal());
  if (password.empty())
    return named + " holds no password in its first line";
  return credentials{config.user, secret{password}};
}

} // namespace moor::http
