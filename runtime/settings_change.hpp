// What it means to put other settings into force: which change, which stay, what is shown of it.
#pragma once

#include <string>
#include <vector>

#include "moor/config/finding.hpp"
#include "moor/config/settings.hpp"
#include "moor/config/validate.hpp"
#include "moor/messages/figures.hpp"
#include "moor/messages/reload.hpp"

namespace moor {

/// Settings, and where each came from.
struct sourced_settings {
  settings value;
  origins from;
};

struct settings_change {
  /// The wanted settings, with those in force for what takes effect after a restart only.
  sourced_settings result;
  std::vector<changed_setting> changed;
  std::vector<changed_setting> needs_restart;
};

/// `other_servers`: the wanted connection string names other servers, and so needs a restart, too.
settings_change change_between(const sourced_settings& in_force, const sourced_settings& wanted,
                               bool other_servers);

/// Fit to be shown, in the order of the setting table.
std::vector<setting_view> views_of(const sourced_settings& all);

/// "max-pool-size: 4 -> 8; keepalive: 0 -> 1min".
std::string in_words(const std::vector<changed_setting>& changes);

/// Without the word for its severity and the full stop, to stand within a line.
std::string in_a_line(finding what);

/// In one line: the errors; all if none is one.
std::string in_words(const std::vector<finding>& findings);

} // namespace moor
