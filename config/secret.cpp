#include "moor/config/secret.hpp"

namespace moor {

bool is_same_secret(std::string_view given, std::string_view expected) noexcept {
  volatile unsigned difference = given.size() == expected.size() ? 0U : 1U;
  for (std::size_t i = 0; i < given.size(); ++i)
    difference = difference
                 | (static_cast<unsigned char>(given[i])
                    ^ static_cast<unsigned char>(expected.empty() ? given[i]
                                                                  : expected[i % expected.size()]));
  return difference == 0;
}

void wipe(std::string& text) noexcept {
  text.resize(text.capacity()); // allocates nothing
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

} // namespace moor
