// Why TLS failed, from OpenSSL itself: libmongoc keeps one sentence of it at most.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "moor/mongo/handles.hpp"
#include "moor/mongo/wire.hpp"

namespace moor::mongo {

/// What is known of a connection before TLS is laid over it.
struct tls_peer {
  /// Host and port.
  std::string address;
  /// The name under which failures are noted on the wire.
  std::string noted_as;
  /// The client has a certificate to show.
  bool has_certificate = false;
};

/// Makes a TLS stream by `make` and notes on the wire, from then until the stream is gone, why TLS
/// fails, and what a handshake that succeeds led to. libmongoc does not hand out OpenSSL's object;
/// OpenSSL tells of each that it makes (CRYPTO_get_ex_new_index). Where libmongoc uses another
/// library nothing is noted. Any thread; the stream's own from then on.
stream_owner make_watched_tls(const std::function<stream_owner()>& make, std::shared_ptr<wire> line,
                              tls_peer peer);

/// What it means that OpenSSL did not accept a server's certificate (an `X509_V_ERR_` code).
failure_cause cause_of_verification(long code) noexcept;

/// What it means that the server ended TLS with that alert. `asked_for_certificate`: it had asked
/// for the client's; `has_certificate`: there is one to show.
failure_cause cause_of_alert(int alert, bool asked_for_certificate, bool has_certificate) noexcept;

/// The sentence for a cause of TLS, without the server's name.
std::string_view words_for_tls(failure_cause cause) noexcept;

} // namespace moor::mongo
