#include "moor/mongo/opening.hpp"

#include <algorithm>
#include <string_view>

namespace moor::mongo {

namespace {

// A record: its type, two bytes of version, two of length. The record of an alert holds two bytes.
constexpr std::uint8_t first_type = 20;
constexpr std::uint8_t last_type = 24;
constexpr std::uint8_t alert_type = 21;
constexpr std::uint8_t major_version = 3;
constexpr std::uint8_t last_minor_version = 4;

} // namespace

void opening::received(std::span<const iovec> buffers, std::size_t count) noexcept {
  for (const auto& buffer : buffers) {
    if (count == 0 || seen_ == bytes_.size())
      return;
    const auto got = std::min(buffer.iov_len, count);
    const auto taken = std::min(got, bytes_.size() - seen_);
    std::copy_n(static_cast<const std::uint8_t*>(buffer.iov_base), taken, bytes_.begin() + seen_);
    seen_ += taken;
    count -= got;
  }
}

bool opening::is_alert() const noexcept {
  return seen_ >= 5 && bytes_[0] == alert_type && bytes_[1] == major_version
         && bytes_[2] <= last_minor_version && bytes_[3] == 0 && bytes_[4] == 2;
}

std::optional<std::uint8_t> opening::alert() const noexcept {
  return is_alert() && seen_ == bytes_.size() ? std::optional{bytes_[6]} : std::nullopt;
}

bool opening::is_not_tls() const noexcept {
  return (seen_ >= 1 && (bytes_[0] < first_type || bytes_[0] > last_type))
         || (seen_ >= 2 && bytes_[1] != major_version);
}

bool opening::is_http() const noexcept {
  constexpr std::string_view name = "HTTP"; // libmongoc reads no more at first
  return seen_ >= name.size() && std::equal(name.begin(), name.end(), bytes_.begin());
}

} // namespace moor::mongo
