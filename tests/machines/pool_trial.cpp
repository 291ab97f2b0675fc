#include "machines/pool_trial.hpp"

#include <chrono>
#include <variant>

namespace moor::test {

std::string pool_trial::run(std::uint64_t events) {
  try {
    while (event_ < events)
      one_pool();
    return {};
  } catch (const broken_rule& broken) {
    return std::string{broken.what()} + " at seed " + std::to_string(seed_) + ", event "
           + std::to_string(event_) + ": " + to_string(in_);
  }
}

void pool_trial::one_pool() {
  // How long a pool that was closed is still spoken to before all is brought to its end.
  constexpr int afterlife = 40;
  random_user user{config_, seed_ * 1'000'003 + event_, reloads_};
  pool_model model{config_};
  machines::pool pool{config_, "db.example:27017", instant{std::chrono::hours{1}}, effects_};
  judge(model, user);
  for (int left = afterlife; left > 0; left -= model.closed() ? 1 : 0)
    step(pool, model, user, user.next(pool.next_deadline()));
  pool_input ending;
  while (user.next_ending(ending))
    step(pool, model, user, ending);
  model.require_nothing_left();
}

void pool_trial::step(machines::pool& pool, pool_model& model, random_user& user,
                      const pool_input& in) {
  ++event_;
  in_ = in;
  model.before(in);
  feed(pool, in, effects_);
  judge(model, user);
  model.after(pool);
}

void pool_trial::judge(pool_model& model, random_user& user) {
  for (const auto& effect : effects_) {
    std::visit([this](const auto& e) { note(e); }, effect);
    model.take(effect);
    user.take(effect);
  }
  effects_.clear();
}

// -- trace and coverage ---------------------------------------------------------------------------

void pool_trial::mix(std::uint64_t value) {
  trace_ = (trace_ ^ value) * 1'099'511'628'211U;
}

void pool_trial::mix(std::string_view name, std::initializer_list<std::uint64_t> fields) {
  ++seen_[std::string{name}];
  for (const auto c : name)
    mix(static_cast<unsigned char>(c));
  for (const auto value : fields)
    mix(value);
}

void pool_trial::note(const machines::grant& e) {
  mix("grant", {e.request, e.lease, e.connection});
}

void pool_trial::note(const machines::refuse& e) {
  auto name = "refuse " + std::string{to_string(e.why.code)};
  if (e.why.code == errc::shed)
    name += e.why.text.starts_with("CoDel") ? " by waiting" : " by degradation";
  mix(name, {e.request, e.why.text.size()});
}

void pool_trial::note(const machines::open_connection& e) {
  mix("open", {e.connection});
}

void pool_trial::note(const machines::abandon_connection& e) {
  mix("abandon", {e.connection});
}

void pool_trial::note(const machines::ping_connection& e) {
  mix("ping", {e.connection});
}

void pool_trial::note(const machines::close_connection& e) {
  mix("close", {e.connection});
}

void pool_trial::note(const machines::cut_connection& e) {
  mix(e.lease == 0 ? "cut" : "cut a lease", {e.connection, e.lease});
}

void pool_trial::note(const machines::publish& effect) {
  const auto& e = effect.event;
  std::string name{to_string(e.type)};
  if (e.type == event_type::connection_closed)
    name += " " + std::string{to_string(e.reason)};
  mix(name, {static_cast<std::uint64_t>(e.reason), e.generation, e.connection, e.request, e.lease,
             static_cast<std::uint64_t>(e.at.count()), static_cast<std::uint64_t>(e.took.count())});
}

void pool_trial::note(const machines::seek_server& e) {
  mix("seek server", {e.why.has_value() ? 1U : 0U});
}

void pool_trial::note(const machines::report_warm& e) {
  mix("report warm", {e.request, e.established});
}

void pool_trial::note(const machines::report_drained& e) {
  mix(e.cut_off == 0 ? "report drained" : "report drained, cut off",
      {e.request, e.returned, e.cut_off});
}

void pool_trial::note(const machines::saturated& e) {
  mix("saturated", {e.waiting, static_cast<std::uint64_t>(e.oldest.count()), e.in_use});
}

void pool_trial::note(const machines::relieved& e) {
  mix("relieved", {static_cast<std::uint64_t>(e.lasted.count()), e.most_waiting});
}

} // namespace moor::test
