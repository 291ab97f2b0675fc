// What a function handed to `run` needs to speak of libmongoc's errors.
#pragma once

#include <stdexcept>

#include "moor/messages/errors.hpp"

struct _bson_error_t; // libbson's, opaque here

namespace moor::mongo {

/// An error of libmongoc in moor's words; `run` answers with the failure it carries.
class error : public std::runtime_error {
public:
  explicit error(failure why) : std::runtime_error{why.text}, why_{std::move(why)} {}

  const failure& why() const noexcept { return why_; }

private:
  failure why_;
};

/// Throws `error` unless `ok`: `check(mongoc_collection_insert_one(…, &error), error);`
///
/// The reach of the failure is at least that of `bson_error_t` alone, which cannot tell a lost
/// server from a slow one. The connection has seen more and reports it through
/// `connection::take_failure`.
void check(bool ok, const _bson_error_t& error);

} // namespace moor::mongo
