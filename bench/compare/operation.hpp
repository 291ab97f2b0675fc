// The operation that all contenders do alike.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "moor/messages/document.hpp"

#include "options.hpp"

struct _mongoc_client_t;

namespace compare {

/// `ping`, or a `find` of one of 1,000 small documents by its key. Pure but for `do_on`; any
/// thread.
class operation {
public:
  explicit operation(op which);

  const std::string& database() const noexcept { return database_; }

  /// The command itself, a document chosen at random.
  template <class Random>
  const moor::document& command(Random& random) const {
    return commands_[random() % commands_.size()];
  }

private:
  std::string database_;
  std::vector<moor::document> commands_;
};

/// Runs a command as libmongoc's users do. Throws moor::mongo::error.
void do_on(_mongoc_client_t& client, const std::string& database, const moor::document& command);

/// Makes the documents that `find` looks for, in the database `moor_bench`.
void prepare(_mongoc_client_t& client, op which);

/// Removes what `prepare` made.
void tidy_up(_mongoc_client_t& client, op which);

} // namespace compare
