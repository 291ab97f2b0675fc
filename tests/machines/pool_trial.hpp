// One pool after another under a random user, judged by the model.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "machines/pool_model.hpp"
#include "machines/random_user.hpp"

namespace moor::test {

class pool_trial {
public:
  /// `reloads`: the settings change now and then.
  pool_trial(const settings& config, std::uint64_t seed, bool reloads = false)
    : config_(config), seed_(seed), reloads_(reloads) {}

  /// At least so many events, until the last pool has ended. Empty if every rule held; otherwise
  /// which one was broken, by which event, and the seed under which to see it again.
  std::string run(std::uint64_t events);

  std::uint64_t events() const { return event_; }
  /// A hash of all effects with all their fields, in order.
  std::uint64_t trace() const { return trace_; }
  /// How often each effect, closing reason and error was seen.
  const std::map<std::string, std::uint64_t>& seen() const { return seen_; }

private:
  void one_pool();
  void step(machines::pool& pool, pool_model& model, random_user& user, const pool_input& in);
  void judge(pool_model& model, random_user& user);

  void mix(std::string_view name, std::initializer_list<std::uint64_t> fields);
  void mix(std::uint64_t value);
  void note(const machines::grant& e);
  void note(const machines::refuse& e);
  void note(const machines::open_connection& e);
  void note(const machines::abandon_connection& e);
  void note(const machines::ping_connection& e);
  void note(const machines::close_connection& e);
  void note(const machines::cut_connection& e);
  void note(const machines::publish& e);
  void note(const machines::seek_server& e);
  void note(const machines::report_warm& e);
  void note(const machines::report_drained& e);
  void note(const machines::saturated& e);
  void note(const machines::relieved& e);

  settings config_;
  std::uint64_t seed_;
  bool reloads_;
  std::uint64_t event_ = 0;
  std::uint64_t trace_ = 14'695'981'039'346'656'037U; // FNV-1a
  pool_input in_;
  machines::pool_effects effects_;
  std::map<std::string, std::uint64_t> seen_;
};

} // namespace moor::test
