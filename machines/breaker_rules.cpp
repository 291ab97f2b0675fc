#include "moor/machines/breaker_rules.hpp"

namespace moor::machines {

std::string_view to_string(breaker_verdict verdict) noexcept {
  switch (verdict) {
    case breaker_verdict::counts: return "counts";
    case breaker_verdict::counts_if_spoiled: return "counts if its connection is spoiled";
    case breaker_verdict::ignored: return "ignored";
  }
  return "unknown";
}

// No default: the compiler refuses a code that has no row.
breaker_verdict verdict_on(errc code) noexcept {
  switch (code) {
    // The server was not reached, went away or fell silent: the next call will fare no better.
    case errc::connect_failed:
    case errc::connection_lost:
    case errc::operation_timeout:
    case errc::no_suitable_server:
    case errc::server_state_changed:
    // The server is well, and yet no call can succeed until somebody mends the credentials or a
    // certificate. Asking costs it the password's key derivation each time, which is slow on
    // purpose, or a handshake.
    case errc::authentication_failed:
    case errc::tls_failed: return breaker_verdict::counts;

    // An answer about the operation itself, a duplicate key or a bad query, comes from a server
    // that is well. If the connection was spoiled nevertheless, it is not all well.
    case errc::operation_failed: return breaker_verdict::counts_if_spoiled;

    // The borrower's own: the server was not asked, or is not what failed.
    case errc::invalid_argument:
    case errc::function_failed:
    case errc::lease_ended:
    case errc::revoked:
    // moor's own refusals: the server was not asked. That a pool is too small for its load, or that
    // it was cleared, says nothing new of the server: what cleared it was counted when it happened.
    case errc::wait_queue_timeout:
    case errc::queue_full:
    case errc::pool_cleared:
    case errc::pool_closed:
    case errc::draining:
    case errc::stopped:
    case errc::circuit_open:
    case errc::shed:
    case errc::read_only:
    // A part of moor died: that is for its supervisor to judge.
    case errc::restarted: return breaker_verdict::ignored;
  }
  return breaker_verdict::ignored;
}

bool counts_as_failure(const failure& why) noexcept {
  const auto verdict = verdict_on(why.code);
  return verdict == breaker_verdict::counts
         || (verdict == breaker_verdict::counts_if_spoiled && why.reach != spoils::nothing);
}

} // namespace moor::machines
