// File descriptors as tests hold them.
#pragma once

#include <cerrno>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace moor::test {

/// Owns a descriptor. A negative one is thrown as `std::system_error` with `errno`.
class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int number) : number_{number} {
    if (number < 0)
      throw std::system_error(errno, std::generic_category(), "no descriptor");
  }
  descriptor(descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  int get() const noexcept { return number_; }

private:
  int number_ = -1;
};

} // namespace moor::test
