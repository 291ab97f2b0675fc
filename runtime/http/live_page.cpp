#include "moor/runtime/http/live_page.hpp"

#include <cstddef>
#include <random>

namespace moor::http {

std::string live_page(std::string_view nonce) {
  constexpr std::string_view mark = "@nonce@";
  const auto source = page_source();
  std::string page;
  page.reserve(source.size() + 64);
  std::size_t from = 0;
  for (auto at = source.find(mark); at != source.npos; at = source.find(mark, from)) {
    page.append(source.substr(from, at - from)).append(nonce);
    from = at + mark.size();
  }
  return page.append(source.substr(from));
}

std::string live_page_policy(std::string_view nonce) {
  const auto own = "'nonce-" + std::string{nonce} + "'";
  return "default-src 'none'; script-src " + own + "; style-src " + own
         + "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
           "frame-ancestors 'none'";
}

std::string fresh_nonce() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device chance;
  std::string result;
  for (int word = 0; word < 4; ++word) {
    auto bits = chance();
    for (int i = 0; i < 8; ++i, bits >>= 4U)
      result += digits[bits & 0xFU];
  }
  return result;
}

} // namespace moor::http
