#include "moor/mongo/server_codes.hpp"

#include <algorithm>
#include <array>

namespace moor::mongo {

namespace {

// Names as in the server's error_codes.yml, sorted by code.
constexpr std::array rows{
  server_code{1, "InternalError", false, false},
  server_code{2, "BadValue", false, false},
  server_code{6, "HostUnreachable", false, true},
  server_code{8, "UnknownError", false, false},
  server_code{9, "FailedToParse", false, false},
  server_code{11, "UserNotFound", false, false},
  server_code{13, "Unauthorized", false, false}, // quotes the command
  server_code{14, "TypeMismatch", false, false},
  server_code{18, "AuthenticationFailed", false, false},
  server_code{20, "IllegalOperation", false, false},
  server_code{26, "NamespaceNotFound", false, true},
  server_code{43, "CursorNotFound", false, false}, // repeats the id, which anybody may send
  server_code{48, "NamespaceExists", false, true},
  server_code{50, "MaxTimeMSExpired", false, true},
  server_code{59, "CommandNotFound", false, true},
  server_code{64, "WriteConcernFailed", false, true},
  server_code{89, "NetworkTimeout", false, true},
  server_code{91, "ShutdownInProgress", true, true},
  server_code{112, "WriteConflict", false, false},
  server_code{121, "DocumentValidationFailure", false, false},
  server_code{189, "PrimarySteppedDown", true, true},
  server_code{211, "KeyNotFound", false, false},
  server_code{216, "ElectionInProgress", false, true},
  server_code{251, "NoSuchTransaction", false, false},
  server_code{262, "ExceededTimeLimit", false, true},
  server_code{9001, "SocketException", false, true},
  server_code{10058, "LegacyNotPrimary", true, true},
  server_code{10107, "NotWritablePrimary", true, true},
  server_code{11000, "DuplicateKey", false, false}, // quotes the key's value
  server_code{11600, "InterruptedAtShutdown", true, true},
  server_code{11601, "Interrupted", false, true},
  server_code{11602, "InterruptedDueToReplStateChange", true, true},
  server_code{13435, "NotPrimaryNoSecondaryOk", true, true},
  server_code{13436, "NotPrimaryOrSecondary", true, true},
};

static_assert(std::ranges::is_sorted(rows, {}, &server_code::code));

} // namespace

const server_code* find_server_code(std::int32_t code) noexcept {
  const auto row = std::ranges::lower_bound(rows, code, {}, &server_code::code);
  return row != rows.end() && row->code == code ? &*row : nullptr;
}

} // namespace moor::mongo
