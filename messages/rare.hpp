// A member that most objects of a type do without.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace moor {

/// A value that costs a pointer's memory while it is `T{}`, and is copied with what it belongs to.
/// Reads as a `const T&`. Used by one thread at a time, as any value.
template <class T>
class rare {
public:
  rare() noexcept = default;
  rare(T value) { // NOLINT(google-explicit-constructor): stands for a T
    if (value != T{})
      value_ = std::make_unique<const T>(std::move(value));
  }
  template <std::convertible_to<T> U>
  requires(!std::same_as<std::remove_cvref_t<U>, T> && !std::same_as<std::remove_cvref_t<U>, rare>)
    rare(U&& value) // NOLINT(google-explicit-constructor,bugprone-forwarding-reference-overload)
    : rare{T(std::forward<U>(value))} {}
  rare(const rare& other)
    : value_{other.value_ ? std::make_unique<const T>(*other.value_) : nullptr} {}
  rare(rare&&) noexcept = default;
  rare& operator=(rare other) noexcept {
    value_ = std::move(other.value_);
    return *this;
  }
  ~rare() = default;

  const T& get() const noexcept {
    static const T nothing{};
    return value_ ? *value_ : nothing;
  }
  operator const T&() const noexcept { return get(); } // NOLINT(google-explicit-constructor)
  const T* operator->() const noexcept { return &get(); }

  friend bool operator==(const rare& a, const rare& b) { return a.get() == b.get(); }

private:
  std::unique_ptr<const T> value_;
};

/// What CAF reads or writes of it is the value.
template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, rare<T>& x) {
  struct scope {
    rare<T>& of;
    T value = of;
    ~scope() { of = std::move(value); }
  } inspected{x};
  return f(inspected.value);
}

} // namespace moor
