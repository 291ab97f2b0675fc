// The books of a pool's connections: states, counts, ages, and which perished.
#define CAF_SUITE connection_book

#include "moor/machines/connection_book.hpp"

#include <chrono>
#include <string>

#include <caf/test/unit_test.hpp>

using namespace moor;
using namespace moor::machines;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1h};

settings aging() {
  settings s;
  s.max_idle_time = 10s;
  s.max_lifetime = 100s;
  s.max_lifetime_jitter = 0.5;
  return s;
}

/// A connection of generation 1, established and available since `start`.
connection_entry& add_available(connection_book& book, double draw = 0) {
  auto& e = book.add(1, start);
  book.begin_life(e, draw, start);
  book.make_available(e);
  return e;
}

/// "pending 0, available 1, checking 0, in use 2; total 3, established 3"
std::string counts(const connection_book& book) {
  const auto n = [&](connection_state which) { return std::to_string(book.count(which)); };
  return "pending " + n(connection_state::pending) + ", available " + n(connection_state::available)
         + ", checking " + n(connection_state::checking) + ", in use " + n(connection_state::in_use)
         + "; total " + std::to_string(book.total()) + ", established "
         + std::to_string(book.established());
}

std::string reason(const connection_book& book, const connection_entry& e, std::uint64_t generation,
                   instant now) {
  const auto perished = book.perished(e, generation, now);
  return perished ? std::string{to_string(*perished)} : "sound";
}

std::string numbers(const std::vector<connection_id>& ids) {
  std::string text;
  for (const auto id : ids)
    text += std::to_string(id) + " ";
  return text;
}

} // namespace

CAF_TEST(connections are numbered from one in order of creation) {
  connection_book book{aging()};
  CAF_CHECK_EQUAL(book.add(1, start).id, 1u);
  CAF_CHECK_EQUAL(book.add(1, start).id, 2u);
  book.remove(2);
  CAF_CHECK_EQUAL(book.add(1, start).id, 3u);
  CAF_CHECK(book.find(2) == nullptr);
  CAF_CHECK(book.find(4) == nullptr);
  CAF_CHECK_EQUAL(book.find(3)->id, 3u);
}

CAF_TEST(counts follow the states) {
  connection_book book{aging()};
  auto& e = book.add(1, start);
  book.add(1, start);
  CAF_CHECK_EQUAL(counts(book),
                  "pending 2, available 0, checking 0, in use 0; total 2, established 0");
  book.make_available(e);
  CAF_CHECK_EQUAL(counts(book),
                  "pending 1, available 1, checking 0, in use 0; total 2, established 1");
  book.move_to(e, connection_state::checking);
  CAF_CHECK_EQUAL(counts(book),
                  "pending 1, available 0, checking 1, in use 0; total 2, established 1");
  book.move_to(e, connection_state::in_use);
  CAF_CHECK_EQUAL(counts(book),
                  "pending 1, available 0, checking 0, in use 1; total 2, established 1");
  book.remove(e.id);
  CAF_CHECK_EQUAL(counts(book),
                  "pending 1, available 0, checking 0, in use 0; total 1, established 0");
}

CAF_TEST(one generation can be counted alone) {
  connection_book book{aging()};
  book.add(1, start);
  book.add(2, start);
  book.add(2, start);
  CAF_CHECK_EQUAL(book.count(connection_state::pending, 1), 1u);
  CAF_CHECK_EQUAL(book.count(connection_state::pending, 2), 2u);
  CAF_CHECK_EQUAL(book.count(connection_state::pending, 3), 0u);
  CAF_CHECK_EQUAL(book.count(connection_state::in_use, 2), 0u);
}

CAF_TEST(the last made available is the newest) {
  connection_book book{aging()};
  CAF_CHECK(book.newest_available() == nullptr);
  auto& first = add_available(book);
  auto& second = add_available(book);
  add_available(book);
  CAF_CHECK_EQUAL(book.newest_available()->id, 3u);
  book.move_to(second, connection_state::in_use);
  book.move_to(first, connection_state::in_use);
  book.make_available(first);
  CAF_CHECK_EQUAL(book.newest_available()->id, 1u);
  CAF_CHECK_EQUAL(numbers(book.in_state(connection_state::available)), "3 1 ");
  book.remove(1);
  book.remove(3);
  CAF_CHECK(book.newest_available() == nullptr);
  CAF_CHECK_EQUAL(numbers(book.in_state(connection_state::in_use)), "2 ");
}

CAF_TEST(making available ends the lease) {
  connection_book book{aging()};
  auto& e = add_available(book);
  book.move_to(e, connection_state::in_use);
  e.lease = 9;
  book.make_available(e);
  CAF_CHECK_EQUAL(e.lease, 0u);
}

CAF_TEST(stale is every connection of another generation) {
  connection_book book{aging()};
  const auto& e = add_available(book);
  CAF_CHECK_EQUAL(reason(book, e, 1, start), "sound");
  CAF_CHECK_EQUAL(reason(book, e, 2, start), "stale");
}

CAF_TEST(idle is an available connection unused for longer than allowed) {
  connection_book book{aging()};
  auto& e = add_available(book);
  CAF_CHECK_EQUAL(reason(book, e, 1, start + 10s), "sound");
  CAF_CHECK_EQUAL(reason(book, e, 1, start + 10s + 1ns), "idle");
  book.move_to(e, connection_state::in_use);
  CAF_CHECK_EQUAL(reason(book, e, 1, start + 99s), "sound");
}

CAF_TEST(lifetime ends in every state) {
  connection_book book{aging()};
  auto& e = add_available(book);
  e.idle_since = start + 95s;
  CAF_CHECK_EQUAL(reason(book, e, 1, start + 100s - 1ns), "sound");
  CAF_CHECK_EQUAL(reason(book, e, 1, start + 100s), "lifetime");
  book.move_to(e, connection_state::in_use);
  CAF_CHECK_EQUAL(reason(book, e, 1, start + 100s), "lifetime");
}

CAF_TEST(jitter only shortens the lifetime and by no more than its share) {
  connection_book book{aging()};
  CAF_CHECK(add_available(book, 0).expires == start + 100s);
  CAF_CHECK(add_available(book, 0.5).expires == start + 75s);
  CAF_CHECK(add_available(book, 0.999999).expires > start + 50s);
}

CAF_TEST(life begins when the connection is established) {
  connection_book book{aging()};
  auto& e = book.add(1, start);
  CAF_CHECK_EQUAL(reason(book, e, 1, start + 24h), "sound");
  book.begin_life(e, 0, start + 60s);
  CAF_CHECK(e.expires == start + 160s);
  CAF_CHECK(e.idle_since == start + 60s);
  CAF_CHECK(e.proven_at == start + 60s);
}

CAF_TEST(zero means that nothing ages) {
  settings s;
  s.max_idle_time = duration::zero();
  s.max_lifetime = duration::zero();
  connection_book book{s};
  const auto& e = add_available(book, 0.5);
  CAF_CHECK(e.expires == no_deadline);
  CAF_CHECK_EQUAL(reason(book, e, 1, start + 24000h), "sound");
}
