// What kind of server a connection leads to, for people who check a set-up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "moor/messages/document.hpp"
#include "moor/mongo/port.hpp"

namespace moor::mongo {

/// What a server is in its deployment.
enum class topology_kind : std::uint8_t {
  unknown,    ///< it did not say
  standalone, ///< a server alone
  primary,    ///< of a replica set
  secondary,  ///< of a replica set
  other,      ///< a member of a replica set that is neither: an arbiter, one that starts
  router,     ///< mongos, of a sharded cluster
};

/// "standalone", "replica set primary", "router" and so on.
std::string_view to_string(topology_kind kind) noexcept;

struct server_facts {
  std::string version; ///< as `buildInfo` says; empty if it did not
  topology_kind kind = topology_kind::unknown;
  std::string set_name;      ///< of a replica set
  std::int64_t max_wire = 0; ///< the newest version of the wire protocol that it speaks
};

/// Asks for `hello` and `buildInfo`; each blocks up to the socket timeout. A server that refuses
/// `buildInfo` keeps its version to itself; any other failure is returned. On the thread that uses
/// the connection.
std::variant<server_facts, failure> ask_server_facts(connection& from);

/// What an answer to `hello` says; fields that are missing or of another type are left as they are.
void read_facts(const document& hello, server_facts& into);

} // namespace moor::mongo
