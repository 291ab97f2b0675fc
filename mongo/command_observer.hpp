// Who is told of the commands that a connection sends for its borrowers.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "moor/config/duration.hpp"
#include "moor/messages/ids.hpp"

namespace moor::mongo {

/// What a connection is used for.
struct purpose {
  std::string operation;  ///< as requests name it
  duration slow_after{0}; ///< its commands that take longer are slow; 0 = those of the observation
};

/// A command that the server answered, or failed to. What it refers to is gone after the call.
struct finished_command {
  std::string_view operation;
  duration took{0};
  bool failed = false; ///< by the server or the network; in part, of writes
  bool slow = false;
  // The rest says which one it was, of a slow one only.
  connection_id connection = 0;
  duration threshold{0};
  std::string_view command; ///< its name, at most 128 bytes, as the next two
  std::string_view database;
  std::string_view collection; ///< empty if it is on none
  std::string_view shape;      ///< field names only, never values; fit for a line of a log
  std::string_view server;     ///< host and port
};

class command_observer {
public:
  virtual ~command_observer() = default;

  /// On the thread that sent the command, which waits. Must not throw nor use the connection.
  virtual void finished(const finished_command& what) = 0;
};

/// How the commands of a connection are to be observed.
struct observation {
  std::shared_ptr<command_observer> by;
  connection_id connection = 0; ///< how reports call it
  duration slow_after{0};       ///< of purposes that do not say; 0 = none of theirs is slow
};

} // namespace moor::mongo
