#include "change_feed.hpp"

#include "moor/mongo/use.hpp"

#include "queries.hpp"

namespace package_index {

using namespace moor::mongo;

void change_feed::open(mongoc_client_t& client) {
  const collection_owner of{mongoc_client_get_collection(&client, database, collection)};
  const bson_owner all_changes{bson_new()};
  const bson_owner options{BCON_NEW("maxAwaitTimeMS", BCON_INT64(patience_ms))};
  stream_.reset(mongoc_collection_watch(of.get(), all_changes.get(), options.get()));
  check_stream();
}

std::size_t change_feed::read() {
  // Bounded, so that a flood of changes cannot keep it from returning by the deadline of `run`.
  constexpr std::size_t most = 10'000;
  std::size_t seen = 0;
  const bson_t* change = nullptr;
  while (seen < most && mongoc_change_stream_next(stream_.get(), &change))
    ++seen;
  check_stream();
  return seen;
}

void change_feed::check_stream() const {
  bson_error_t error{};
  const bson_t* reply = nullptr;
  check(!mongoc_change_stream_error_document(stream_.get(), &error, &reply), error);
}

} // namespace package_index
