#include "moor/runtime/shared_endpoint.hpp"

#include <utility>
#include <variant>

#include <sys/stat.h>

#include <prometheus/registry.h>

#include "moor/actors/board.hpp"
#include "moor/actors/log_fields.hpp"
#include "moor/config/policy.hpp"

namespace moor {

void shared_endpoint::open(const settings& config,
                           const std::shared_ptr<prometheus::Registry>& registry,
                           const logger& log) {
  const std::lock_guard one_at_a_time{opening_};
  if (config.endpoint.listen.empty() || is_open_or_closed())
    return;
  if (!registry)
    return log(
      log_level::warning,
      "event=endpoint_not_opened cause=\"the metrics go to a registry of the "
      "backend's, which serves them itself; allowed is none for http-listen, or a component "
      "without a registry of its own\"");
  if (config.metrics_interval == duration::zero())
    return log(log_level::error,
               "event=endpoint_not_opened cause=\"there is nothing to be shown with a "
               "metrics-interval of 0; allowed is a larger one, or none for http-listen\"");
  auto opened
    = open_endpoint({config.endpoint, board_, registry, log, secret_file_problem(config, S_IROTH)});
  if (const auto* why = std::get_if<std::string>(&opened))
    return log(log_level::error, "event=endpoint_not_opened cause=" + actors::quoted(*why));
  auto& made = std::get<std::unique_ptr<endpoint>>(opened);
  const auto url = made->url();
  {
    const std::lock_guard guard{mutex_};
    if (closed_)
      return;
    visitors_ = std::move(made);
  }
  log(log_level::info, "event=endpoint_opened url=" + actors::quoted(url));
}

std::string shared_endpoint::url() const {
  const std::lock_guard guard{mutex_};
  return visitors_ ? visitors_->url() : std::string{};
}

void shared_endpoint::close() {
  std::unique_ptr<endpoint> last; // ends outside of the lock
  const std::lock_guard guard{mutex_};
  closed_ = true;
  last.swap(visitors_);
}

bool shared_endpoint::is_open_or_closed() const {
  const std::lock_guard guard{mutex_};
  return visitors_ || closed_;
}

} // namespace moor
