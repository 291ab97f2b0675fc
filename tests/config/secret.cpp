#define CAF_SUITE config_secret

#include "moor/config/secret.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>

#include <caf/test/unit_test.hpp>

#include "moor/config/settings.hpp"

using namespace moor;

namespace {

template <class T>
concept printable_to_stream = requires(std::ostream& out, const T& x) {
  out << x;
};
template <class T>
concept ordered = requires(const T& x) {
  x < x;
};
template <class T>
concept hashable = requires(const T& x) {
  std::hash<T>{}(x);
};
template <class T>
concept readable_when_temporary = requires {
  T{}.reveal();
};

template <class T>
constexpr bool gets_out = printable_to_stream<T> || ordered<T> || hashable<T> || readable_when_temporary<T> || std::convertible_to<T, std::string> || std::convertible_to<T, std::string_view> || std::convertible_to<T, const char*> || std::convertible_to<T, bool> || std::is_constructible_v<std::string, const T&> || std::is_constructible_v<std::string_view, const T&>;

static_assert(!gets_out<secret>);
static_assert(!gets_out<shared_secret>);
static_assert(!std::copyable<secret>);
static_assert(!std::is_copy_constructible_v<secret> && !std::is_copy_assignable_v<secret>);
static_assert(std::is_nothrow_move_constructible_v<secret>);
static_assert(!std::convertible_to<std::string, secret>, "to be said aloud");
static_assert(std::copyable<shared_secret>, "settings are copied");
static_assert(std::is_same_v<decltype(settings::uri), shared_secret>);

/// Memory of the test's own, which outlives the secrets in it and may be looked at afterwards.
struct arena {
  std::array<char, 4096> bytes{};
  std::size_t used = 0;
  std::size_t given_back = 0;

  bool holds(std::string_view text) const {
    return std::search(bytes.begin(), bytes.end(), text.begin(), text.end()) != bytes.end();
  }
};

template <class T>
struct arena_allocator {
  using value_type = T;

  explicit arena_allocator(arena& from) : place{&from} {}

  T* allocate(std::size_t count) {
    CAF_REQUIRE(place->used + count <= place->bytes.size());
    auto* result = place->bytes.data() + place->used;
    place->used += count;
    return result;
  }
  void deallocate(T*, std::size_t count) { place->given_back += count; }

  arena* place;
};

struct no_arena : arena_allocator<char> {
  static arena& common() {
    static arena one;
    return one;
  }
  no_arena() : arena_allocator<char>{common()} {}
  explicit no_arena(arena& from) : arena_allocator<char>{from} {}
};

using watched = basic_secret<no_arena>;

constexpr std::string_view text = "correct horse battery staple";

/// The bytes of an object itself, in which a small text could hide.
template <class T>
bool shows(const T& object, std::string_view what) {
  const auto* begin = reinterpret_cast<const char*>(&object);
  return std::search(begin, begin + sizeof object, what.begin(), what.end())
         != begin + sizeof object;
}

} // namespace

CAF_TEST(a secret that goes away is wiped) {
  arena memory;
  {
    const watched one{text, no_arena{memory}};
    CAF_CHECK(memory.holds(text));
  }
  CAF_CHECK(!memory.holds("horse"));
  CAF_CHECK(std::all_of(memory.bytes.begin(), memory.bytes.end(), [](char c) { return c == 0; }));
  CAF_CHECK_EQUAL(memory.given_back, text.size());
}

CAF_TEST(a secret that is assigned to is wiped at once) {
  arena memory;
  watched one{text, no_arena{memory}};
  one = watched{"other", no_arena{memory}};
  CAF_CHECK(!memory.holds("horse"));
  CAF_CHECK_EQUAL(one.reveal(), "other");
}

CAF_TEST(a secret that is cleared is wiped at once) {
  arena memory;
  watched one{text, no_arena{memory}};
  one.clear();
  CAF_CHECK(!memory.holds("horse"));
  CAF_CHECK(one.empty());
}

CAF_TEST(moving hands the only buffer over and leaves nothing behind) {
  for (const auto& given : {std::string{text}, std::string{"tiny"}}) { // one would fit an object
    arena memory;
    watched from{given, no_arena{memory}};
    CAF_CHECK(!shows(from, given));
    watched to{std::move(from)};
    CAF_CHECK_EQUAL(memory.used, given.size());
    CAF_CHECK(from.empty()); // NOLINT(bugprone-use-after-move): what is left is the point
    CAF_CHECK(!shows(from, given));
    CAF_CHECK_EQUAL(to.reveal(), given);
    to = std::move(to); // NOLINT: to itself
    CAF_CHECK_EQUAL(to.reveal(), given);
  }
}

CAF_TEST(a copy is asked for and lives by itself) {
  arena memory;
  watched from{text, no_arena{memory}};
  const auto to = from.copy();
  from.clear();
  CAF_CHECK_EQUAL(to.reveal(), text);
}

CAF_TEST(equality) {
  const secret one{"abc"};
  CAF_CHECK(one == secret{"abc"});
  CAF_CHECK(secret{} == secret{""});
  for (const auto* other : {"", "a", "ab", "abd", "xbc", "abcabc", "abca"}) {
    CAF_CHECK(!(one == secret{other}));
    CAF_CHECK(!(secret{other} == one));
  }
  CAF_CHECK(!(secret{} == one));
  CAF_CHECK(is_same_secret("", ""));
  CAF_CHECK(!is_same_secret("", "x"));
  CAF_CHECK(!is_same_secret("x", ""));
}

CAF_TEST(copies of a shared secret are one buffer) {
  shared_secret one = "text";
  const shared_secret two = one;
  CAF_CHECK(one.reveal().data() == two.reveal().data());
  one = std::string{"other"};
  CAF_CHECK_EQUAL(two.reveal(), "text");
  CAF_CHECK_EQUAL(one.reveal(), "other");
  CAF_CHECK(!(one == two));
  CAF_CHECK(two == shared_secret{std::string_view{"text"}});
  one.clear();
  CAF_CHECK(one.empty());
  CAF_CHECK(one == shared_secret{""});
  CAF_CHECK_EQUAL(one.reveal(), "");
}

CAF_TEST(settings share their connection string when they are copied) {
  settings one;
  one.uri = "mongodb://u:secret@db";
  const auto two
    = one; // NOLINT(performance-unnecessary-copy-initialization): the copy is the point
  CAF_CHECK(one.uri.reveal().data() == two.uri.reveal().data());
}

CAF_TEST(wiping overwrites a text that stands in the object itself) {
  alignas(std::string) std::array<char, sizeof(std::string)> place{};
  auto* small = new (place.data()) std::string{"tiny text"};
  CAF_REQUIRE(std::string_view(place.data(), place.size()).find("tiny") != std::string_view::npos);
  wipe(*small);
  CAF_CHECK(small->empty());
  std::destroy_at(small);
  // More than a letter, which may also be a byte of the address that stands there.
  CAF_CHECK(std::string_view(place.data(), place.size()).find("text") == std::string_view::npos);
}
