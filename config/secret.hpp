// Texts that must not get out: passwords, and connection strings that may hold one.
//
// Neither type can be printed, logged, sent, hashed, ordered or converted to a text. Both are equal
// or not in a time that says nothing of where they differ, and wipe their memory when they let go
// of it. Who needs the text says so, by `reveal`, and makes no copy that lives on.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace moor {

/// Whether two texts are the same, in a time that depends on the length of `given` alone.
bool is_same_secret(std::string_view given, std::string_view expected) noexcept;

/// Overwrites all that the text's buffer holds, and leaves the text empty.
void wipe(std::string& text) noexcept;

/// One owner's secret. Moving hands the buffer over and leaves an empty secret; a copy must be
/// asked for. The text is always on the heap, so that none stays behind in an object that was
/// moved. A value; any thread.
template <class Allocator = std::allocator<char>>
class basic_secret {
public:
  basic_secret() noexcept = default;
  explicit basic_secret(std::string_view text, const Allocator& allocator = {})
    : allocator_{allocator}, size_{text.size()} {
    if (size_ == 0)
      return;
    text_ = std::allocator_traits<Allocator>::allocate(allocator_, size_);
    std::copy(text.begin(), text.end(), text_);
  }

  basic_secret(basic_secret&& other) noexcept
    : allocator_{other.allocator_},
      text_{std::exchange(other.text_, nullptr)},
      size_{std::exchange(other.size_, 0)} {}

  /// The former text is wiped at once.
  basic_secret& operator=(basic_secret&& other) noexcept {
    if (this == &other)
      return *this;
    clear();
    allocator_ = other.allocator_;
    text_ = std::exchange(other.text_, nullptr);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  basic_secret(const basic_secret&) = delete;
  basic_secret& operator=(const basic_secret&) = delete;

  ~basic_secret() { clear(); }

  basic_secret copy() const { return basic_secret{reveal(), allocator_}; }

  /// The text itself, valid while this object has it. Not of a temporary, which would be gone.
  std::string_view reveal() const& noexcept { return {text_, size_}; }
  std::string_view reveal() const&& = delete;

  bool empty() const noexcept { return size_ == 0; }

  /// Wipes the text.
  void clear() noexcept {
    if (text_ == nullptr)
      return;
    ::explicit_bzero(text_, size_); // glibc's; no optimizer removes it
    std::allocator_traits<Allocator>::deallocate(allocator_, text_, size_);
    text_ = nullptr;
    size_ = 0;
  }

  friend bool operator==(const basic_secret& left, const basic_secret& right) noexcept {
    return is_same_secret(left.reveal(), right.reveal());
  }

private:
  [[no_unique_address]] Allocator allocator_{};
  char* text_ = nullptr;
  std::size_t size_ = 0;
};

using secret = basic_secret<>;

/// A secret in a value that is copied, as `settings` are: copies share the one buffer, which is
/// wiped when the last of them goes. So a connection string is in memory once, however many
/// settings have it. Assigning gives this copy another text and leaves the others alone. As a
/// `shared_ptr`, one object is not for two threads at once, and copies are.
class shared_secret {
public:
  shared_secret() noexcept = default;

  /// Implicit: making a secret of a text gives nothing away.
  template <std::convertible_to<std::string_view> Text>
  shared_secret(const Text& text) // NOLINT(google-explicit-constructor): see above
    : shared_secret{secret{std::string_view{text}}} {}
  shared_secret(secret text) // NOLINT(google-explicit-constructor): see above
    : text_{text.empty() ? nullptr : std::make_shared<const secret>(std::move(text))} {}

  /// The text itself, valid while any copy has it.
  std::string_view reveal() const& noexcept { return text_ ? text_->reveal() : std::string_view{}; }
  std::string_view reveal() const&& = delete;

  bool empty() const noexcept { return !text_; }
  void clear() noexcept { text_.reset(); }

  friend bool operator==(const shared_secret& left, const shared_secret& right) noexcept {
    return is_same_secret(left.reveal(), right.reveal());
  }

private:
  std::shared_ptr<const secret> text_;
};

} // namespace moor
