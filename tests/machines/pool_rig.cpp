#include "machines/pool_rig.hpp"

#include <string_view>
#include <utility>
#include <variant>

namespace moor::test {

namespace {

void append(std::string& list, std::string_view item) {
  if (!list.empty())
    list += ", ";
  list += item;
}

std::string numbered(std::string_view word, std::uint64_t number) {
  return std::string{word} + " " + std::to_string(number);
}

std::uint64_t milliseconds(duration d) {
  return static_cast<std::uint64_t>(
    std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

/// The specification's name without the "Connection" that nearly all begin with.
std::string words_of(const pool_event& e) {
  constexpr std::string_view prefix = "Connection";
  auto name = to_string(e.type);
  if (name.starts_with(prefix))
    name.remove_prefix(prefix.size());
  std::string text{name};
  if (e.connection != 0)
    text += " " + std::to_string(e.connection);
  if (e.reason != event_reason::none)
    text += " " + std::string{to_string(e.reason)};
  return text;
}

} // namespace

settings plain_settings() {
  settings s;
  s.max_pool_size = 2;
  s.min_pool_size = 0;
  s.max_connecting = 2;
  s.wait_queue_limit = 10;
  s.max_idle_time = duration::zero();
  s.max_lifetime = duration::zero();
  s.check_after_idle = 1h;
  s.keepalive = duration::zero();
  s.shedding.queue_target = duration::zero();
  s.saturation_threshold = duration::zero();
  return s;
}

settings at_most(std::size_t size, std::size_t connecting) {
  auto s = plain_settings();
  s.max_pool_size = size;
  s.max_connecting = connecting;
  return s;
}

failure broken_socket() {
  return {errc::connect_failed, spoils::connection, 0, "connection reset"};
}

failure server_gone() {
  return {errc::connection_lost, spoils::generation, 0, "server shut down"};
}

failure duplicate_key() {
  return {errc::operation_failed, spoils::nothing, 11000, "duplicate key"};
}

pool_rig::pool_rig(const settings& config) : machine_(config, "db.example:27017", now_, effects_) {
  settle();
}

pool_rig pool_rig::ready_with(std::uint64_t connections, const settings& config) {
  pool_rig rig{config};
  rig.ready();
  rig.warm(connections);
  for (connection_id id = 1; id <= connections; ++id)
    rig.established(id);
  rig.events();
  rig.orders();
  return rig;
}

// -- what happens to the pool ---------------------------------------------------------------------

request_id pool_rig::check_out(duration timeout, priority level, bool read_only) {
  const auto request = ++last_request_;
  machine_.check_out(request, level, read_only, now_ + timeout, now_, effects_);
  settle();
  return request;
}

bool pool_rig::check_in(lease_id lease, const std::optional<failure>& why) {
  const auto was_out = machine_.check_in(lease, why, now_, effects_);
  settle();
  return was_out;
}

request_id pool_rig::warm(std::uint64_t count, duration timeout) {
  const auto request = ++last_request_;
  machine_.warm(request, count, now_ + timeout, now_, effects_);
  settle();
  return request;
}

request_id pool_rig::drain(duration deadline) {
  const auto request = ++last_request_;
  machine_.drain(request, now_ + deadline, now_, effects_);
  settle();
  return request;
}

void pool_rig::established(connection_id id, double draw, bool read_only) {
  machine_.established(id, draw, read_only, now_, effects_);
  settle();
}

void pool_rig::establishing_failed(connection_id id, const failure& why) {
  machine_.establishing_failed(id, why, now_, effects_);
  settle();
}

void pool_rig::check_passed(connection_id id) {
  machine_.check_passed(id, now_, effects_);
  settle();
}

void pool_rig::check_failed(connection_id id) {
  machine_.check_failed(id, broken_socket(), now_, effects_);
  settle();
}

void pool_rig::reconfigure(const settings& config, bool rotated) {
  machine_.reconfigure(config, rotated, now_, effects_);
  settle();
}

void pool_rig::lost(connection_id id) {
  machine_.lost(id, broken_socket(), now_, effects_);
  settle();
}

void pool_rig::closed(connection_id id) {
  machine_.closed(id, now_, effects_);
  settle();
}

void pool_rig::withdraw(request_id request) {
  machine_.withdraw(request, now_, effects_);
  settle();
}

void pool_rig::adopt(const machines::roll& there) {
  machine_.adopt(there, now_, effects_);
  settle();
}

void pool_rig::ready(bool read_only) {
  machine_.ready(read_only, now_, effects_);
  settle();
}

void pool_rig::clear(bool interrupt_in_use, const std::optional<failure>& why) {
  machine_.clear(interrupt_in_use, why, now_, effects_);
  settle();
}

void pool_rig::close() {
  machine_.close(now_, effects_);
  settle();
}

void pool_rig::run_background() {
  machine_.run_background(now_, effects_);
  settle();
}

void pool_rig::set_degraded(degradation level) {
  machine_.set_degraded(level, now_, effects_);
  settle();
}

void pool_rig::expire() {
  machine_.expire(now_, effects_);
  settle();
}

// -- what the pool did ----------------------------------------------------------------------------

std::string pool_rig::answer(request_id request) const {
  const auto found = outcomes_.find(request);
  return found == outcomes_.end() ? "waiting" : found->second.text;
}

lease_id pool_rig::lease(request_id request) const {
  const auto found = outcomes_.find(request);
  return found == outcomes_.end() ? 0 : found->second.lease;
}

std::string pool_rig::why(request_id request) const {
  const auto found = outcomes_.find(request);
  return found == outcomes_.end() ? "" : found->second.why;
}

std::string pool_rig::events() {
  return std::exchange(events_, {});
}

std::string pool_rig::orders() {
  return std::exchange(orders_, {});
}

// -- effects --------------------------------------------------------------------------------------

void pool_rig::settle() {
  for (const auto& effect : effects_)
    std::visit([this](const auto& e) { take(e); }, effect);
  effects_.clear();
  if (!closes_slowly_)
    for (const auto id : std::exchange(closing_, {}))
      closed(id);
}

void pool_rig::note(request_id request, const std::string& text) {
  append(outcomes_[request].text, text);
}

void pool_rig::take(const machines::grant& e) {
  note(e.request, numbered("connection", e.connection));
  outcomes_[e.request].lease = e.lease;
}

void pool_rig::take(const machines::refuse& e) {
  note(e.request, std::string{to_string(e.why.code)});
  outcomes_[e.request].why = e.why.text;
}

void pool_rig::take(const machines::report_warm& e) {
  note(e.request, numbered("warmed", e.established));
}

void pool_rig::take(const machines::report_drained& e) {
  note(e.request, numbered("drained", e.returned) + numbered(", cut off", e.cut_off));
}

void pool_rig::take(const machines::publish& e) {
  append(events_, words_of(e.event));
  last_.insert_or_assign(e.event.type, e.event);
}

void pool_rig::take(const machines::open_connection& e) {
  append(orders_, numbered("open", e.connection));
}

void pool_rig::take(const machines::abandon_connection& e) {
  append(orders_, numbered("abandon", e.connection));
}

void pool_rig::take(const machines::ping_connection& e) {
  append(orders_, numbered("ping", e.connection));
}

void pool_rig::take(const machines::close_connection& e) {
  append(orders_, numbered("close", e.connection));
  closing_.push_back(e.connection);
}

void pool_rig::take(const machines::cut_connection& e) {
  append(orders_, numbered("cut", e.connection));
}

void pool_rig::take(const machines::seek_server&) {
  append(orders_, "seek server");
}

void pool_rig::take(const machines::saturated& e) {
  append(orders_, numbered("saturated:", e.waiting) + numbered(" waiting,", e.in_use)
                    + numbered(" in use, oldest", milliseconds(e.oldest)) + " ms");
}

void pool_rig::take(const machines::relieved& e) {
  append(orders_, numbered("relieved: lasted", milliseconds(e.lasted))
                    + numbered(" ms, most waiting", e.most_waiting));
}

} // namespace moor::test
