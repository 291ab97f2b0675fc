// A socket in the form in which libmongoc takes it.
#pragma once

#include <memory>

#include "moor/mongo/handles.hpp"
#include "moor/mongo/socket.hpp"

namespace moor::mongo {

/// A stream over `connection`, whose dial must have begun. libmongoc polls it while it dials,
/// several servers at once, and TLS may be laid over it.
stream_owner make_stream(std::unique_ptr<socket> connection);

} // namespace moor::mongo
