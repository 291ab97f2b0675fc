// Other settings for a pool that runs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>

#include "moor/config/finding.hpp"
#include "moor/config/settings.hpp"
#include "moor/config/validate.hpp"
#include "moor/messages/errors.hpp"
#include "moor/messages/figures.hpp"

namespace moor::mongo {
class driver;
}

namespace moor {

/// Asks for these settings to be put into force; answered with a `reload_report`, or with the error
/// for which everything stays as it is:
/// - `invalid_argument`: settings do not hold, with every finding; or another pool's name;
/// - the error of an attempt to connect: the server cannot be reached with them;
/// - `draining`, `pool_closed`, `stopped`: the pool is ending;
/// - `queue_full`: too many such requests wait, or an attempt to connect that was given up has not
///   ended yet. They are served one after the other.
/// Never null but in a message of its default value, which is refused.
struct reload {
  std::shared_ptr<const settings> config;
  origins from = {};                  ///< where each setting came from, to be shown
  std::vector<finding> findings = {}; ///< of whoever read them: with an error nothing changes
  /// Set on the way, by a pool that is ending, and by a component that found it wrong.
  std::optional<failure> refusal = {};
};

/// One setting that has another value than before, secrets redacted.
struct changed_setting {
  std::string key;
  std::string before;
  std::string after;

  friend bool operator==(const changed_setting&, const changed_setting&) = default;
};

/// How a reload ended that did not fail.
struct reload_report {
  std::vector<changed_setting> changed;       ///< in force from now on
  std::vector<changed_setting> needs_restart; ///< as before, until a new pool is made with them
  /// What connections are made by is another, so that those of before are replaced.
  bool rotates = false;
  std::vector<std::string> warnings; ///< what is in force and may not be meant
};

/// supervisor → its parts: from now on these are in force. May come twice.
struct reconfigure {
  std::shared_ptr<const settings> config;
  std::shared_ptr<mongo::driver> driver;
  /// Of `driver`: with a greater one than before, what the one before made is to be replaced.
  std::uint64_t revision = 0;
};

/// supervisor → exporter: what is to be shown of the settings.
struct show_settings {
  std::vector<setting_view> all;
};

} // namespace moor

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::reload)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::reload_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::reconfigure)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(moor::show_settings)
