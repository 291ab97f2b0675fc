// How moorctl ends, for scripts.
#pragma once

namespace moor::ctl {

/// The process's exit code. Documented in moorctl(1): numbers never change their meaning.
enum class exit_code : int {
  fine = 0,              ///< all is well, or at most warned of
  cannot_connect = 1,    ///< the server, or the component to be watched, cannot be used
  usage = 2,             ///< the arguments are wrong; nothing was done
  bad_configuration = 3, ///< the settings are refused; no connection was tried
  warnings = 4,          ///< with --strict: it works, but something was warned of
  cannot_write = 5,      ///< standard output does not take what there is to say, whatever that is
};

} // namespace moor::ctl
