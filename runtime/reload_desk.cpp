#include "moor/runtime/reload_desk.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "moor/actors/log_fields.hpp"
#include "moor/actors/send_as.hpp"
#include "moor/messages/caf_errors.hpp"
#include "moor/mongo/port.hpp"

namespace moor {

namespace {

/// The driver bounds itself by the connect timeout; this is for one that does not, and for files.
constexpr duration grace = std::chrono::seconds{1};

/// How long a trial that was cut may take to notice.
constexpr duration grace_when_cut = std::chrono::seconds{1};

/// How long the pool may take to follow before the request is answered without its word.
constexpr duration patience = std::chrono::seconds{10};

constexpr const char* stays = "; the settings of before stay in force";

/// Of whoever read the settings, who has judged them already; or of the settings themselves.
std::vector<std::string> warnings_of(const reload& order) {
  std::vector<std::string> all;
  for (const auto& f :
       order.findings.empty() ? validate(*order.config, order.from) : order.findings)
    all.push_back(to_string(f));
  return all;
}

} // namespace

reload_desk::reload_desk(supervisor_actor::pointer self, reload_desk_options options,
                         std::function<void(const settings&)> on_change)
  : self_(self),
    options_(std::move(options)),
    on_change_(std::move(on_change)),
    in_force_(std::make_shared<const settings>(options_.in_force.value)) {}

reload_desk::~reload_desk() {
  if (line_)
    line_->cut();
}

void reload_desk::end() {
  if (line_)
    line_->cut();
  line_.reset();
  for (auto& r : std::exchange(waiting_, {}))
    r.answer.refuse(make_error(errc::stopped));
  if (auto last = std::exchange(current_, std::nullopt))
    last->answer.refuse(make_error(errc::stopped));
}

// -- one after the other --------------------------------------------------------------------------

void reload_desk::on(const reload& order) {
  actors::ticket answer{self_};
  if (waiting_.size() >= most_waiting) {
    ++figures_.refused;
    return answer.refuse(make_error(errc::queue_full, "reload: " + std::to_string(most_waiting)
                                                        + " others wait already"));
  }
  waiting_.push_back({std::move(answer), order});
  begin_next();
}

void reload_desk::begin_next() {
  while (!is_at_work() && !waiting_.empty()) {
    current_.emplace(std::move(waiting_.front()));
    waiting_.pop_front();
    begin();
  }
}

void reload_desk::end_current() {
  line_.reset();
  current_.reset();
}

void reload_desk::begin() {
  const auto& order = current_->order;
  if (order.refusal)
    return refuse(*order.refusal, order.refusal->code == errc::invalid_argument ? figures_.invalid
                                                                                : figures_.refused);
  if (has_errors(order.findings))
    return refuse_for(order.findings);
  if (!order.config)
    return refuse(refused("reload: there are no settings in the request"), figures_.invalid);
  if (order.config->name != in_force_->name)
    return refuse(refused("reload: the settings are for a pool of the name "
                          + printable(order.config->name) + ", and this one is "
                          + printable(in_force_->name) + "; another name needs a restart" + stays),
                  figures_.invalid);
  if (const auto findings = validate(*order.config, order.from); has_errors(findings))
    return refuse_for(findings);
  const auto change = change_between(options_.in_force, {*order.config, order.from}, false);
  if (const auto findings = validate(change.result.value, change.result.from); has_errors(findings))
    return refuse_for(findings);
  try_out(std::make_shared<const settings>(change.result.value));
}

// -- the trial ------------------------------------------------------------------------------------

void reload_desk::try_out(std::shared_ptr<const settings> wanted) {
  if (!options_.make_driver)
    return conclude({.number = trial_, .driver = options_.driver, .why = {}});
  if (abandoned_ != 0)
    return refuse(
      failure_of(errc::queue_full,
                 std::string{"reload: the attempt to connect of an earlier one, which was "
                             "given up, has not ended; are its files on a file system that "
                             "does not answer?"}
                   + stays),
      figures_.refused);
  is_cut_ = false;
  line_ = std::make_shared<actors::trial_line>();
  const auto limit = wanted->connect_timeout + grace;
  try {
    const auto trial = actors::spawn_trial(
      self_->system(), options_.threads,
      {++trial_, std::move(wanted), in_force_, options_.driver, options_.make_driver, line_});
    actors::send_as(caf::weak_actor_ptr{self_->ctrl()}, trial, try_settings{}, self_->context());
  } catch (const std::system_error& problem) {
    return refuse(failure_of(errc::connect_failed,
                             std::string{"No thread for a connection: "} + problem.what() + stays),
                  figures_.unreachable);
  }
  self_->delayed_send(self_, limit, trial_overdue{trial_});
}

bool reload_desk::is_awaited(std::uint64_t trial) const noexcept {
  return line_ && trial == trial_;
}

void reload_desk::on(const settings_tried& result) {
  if (result.number == abandoned_)
    abandoned_ = 0;
  if (!is_awaited(result.number))
    return;
  if (result.driver) {
    conclude(result);
  } else if (is_cut_) {
    refuse_as_overdue();
  } else {
    auto why = result.why;
    why.text += stays;
    refuse(why, result.while_connecting ? figures_.unreachable : figures_.invalid);
  }
  begin_next();
}

void reload_desk::on(const trial_overdue& message) {
  if (!is_awaited(message.number))
    return;
  if (!message.cut) {
    is_cut_ = true;
    line_->cut();
    return self_->delayed_send(self_, grace_when_cut, trial_overdue{trial_, true});
  }
  abandoned_ = trial_;
  refuse_as_overdue();
  begin_next();
}

void reload_desk::refuse_as_overdue() {
  refuse(
    failure_of(errc::connect_failed,
               std::string{"No connection was established within the connect timeout"} + stays),
    figures_.unreachable);
}

// -- into force -----------------------------------------------------------------------------------

void reload_desk::conclude(const settings_tried& result) {
  line_.reset();
  const auto& order = current_->order;
  const auto change
    = change_between(options_.in_force, {*order.config, order.from}, result.other_servers);
  // What stays of before was not judged beside the rest.
  if (result.other_servers)
    if (const auto findings = validate(change.result.value, change.result.from);
        has_errors(findings))
      return refuse_for(findings);
  reload_report report{change.changed, change.needs_restart, result.other_driver,
                       warnings_of(order)};
  const auto still = change.needs_restart.empty()
                       ? ""
                       : " needs_restart=" + actors::quoted(in_words(change.needs_restart));
  if (change.changed.empty() && !result.other_driver) {
    ++figures_.unchanged;
    options_.in_force.from = change.result.from;
    show();
    say(log_level::info, "event=reload_unchanged" + still);
    current_->answer.answer(std::move(report), self_->context());
    return end_current();
  }
  put_into_force(change, result);
  say(log_level::info, "event=reloaded generation=" + std::to_string(figures_.generation)
                         + " replaces_connections=" + (report.rotates ? "yes" : "no")
                         + " changed=" + actors::quoted(in_words(change.changed)) + still);
  answer_when_followed(std::move(report));
}

void reload_desk::put_into_force(const settings_change& change, const settings_tried& result) {
  options_.in_force = change.result;
  in_force_ = std::make_shared<const settings>(change.result.value);
  options_.driver = result.driver;
  revision_ += result.other_driver ? 1 : 0;
  ++figures_.applied;
  ++figures_.generation;
  on_change_(*in_force_);
  tell_parts();
  show();
}

/// The pool comes last: what it orders from then on finds the connector with the new driver.
void reload_desk::tell_parts() const {
  const reconfigure order{in_force_, options_.driver, revision_};
  caf::anon_send(options_.parts.connector, order);
  caf::anon_send(options_.parts.monitor, order);
  caf::anon_send(options_.parts.detector, order);
  caf::anon_send(options_.parts.exporter, order);
  if (const auto pool = caf::actor_cast<caf::strong_actor_ptr>(options_.parts.pool))
    caf::anon_send(caf::actor_cast<pool_supervisor_actor>(pool), order);
}

void reload_desk::show() const {
  caf::anon_send(options_.parts.exporter, show_settings{views_of(options_.in_force)});
}

/// The pool handles in order: when it tells its figures, it has followed.
void reload_desk::answer_when_followed(reload_report report) {
  const auto pool = caf::actor_cast<caf::strong_actor_ptr>(options_.parts.pool);
  const auto done = [this](reload_report& all) {
    if (!current_)
      return;
    current_->answer.answer(std::move(all), self_->context());
    end_current();
    begin_next();
  };
  if (!pool) // its last handle is gone, and it is being ended
    return done(report);
  self_->request(caf::actor_cast<pool_supervisor_actor>(pool), patience, get_stats{})
    .then(
      [report, done](const pool_stats& s) mutable {
        if (s.total > s.max_size)
          report.warnings.push_back("max-pool-size is " + std::to_string(s.max_size) + ", and "
                                    + std::to_string(s.total)
                                    + " connections are in use; they are closed as they come back");
        done(report);
      },
      [report, done](const caf::error&) mutable {
        report.warnings.emplace_back("the pool was told, and has not answered since");
        done(report);
      });
}

void reload_desk::refuse(const failure& why, std::uint64_t& outcome) {
  ++outcome;
  say(log_level::error, "event=reload_refused cause=" + actors::quoted(why.text));
  current_->answer.refuse(make_error(why), self_->context());
  end_current();
}

void reload_desk::refuse_for(const std::vector<finding>& findings) {
  refuse(refused(in_words(findings) + stays), figures_.invalid);
}

void reload_desk::say(log_level level, const std::string& event) const {
  options_.log(level, "pool=" + actors::quoted(in_force_->name) + ' ' + event);
}

} // namespace moor
