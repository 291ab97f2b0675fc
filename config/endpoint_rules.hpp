// Settings of the HTTP endpoint that cannot work together. Pure; any thread.
#pragma once

#include <vector>

#include "moor/config/finding.hpp"
#include "moor/config/settings.hpp"

namespace moor {

/// Why no endpoint could be opened, as far as the settings show it: a user without a password file
/// and the reverse, a user that basic authentication cannot name, a key without a certificate,
/// nothing to be shown. Errors in production; warnings in development, as the pool works without.
/// Nothing if `listen` is empty, for then nothing is opened.
std::vector<finding> judge_endpoint_parts(const settings& values, const origins& from);

} // namespace moor
