#include <thread>
#include <vector>

#include "moor/mongo/handles.hpp"
#include "support/plain_client.hpp"

#include "contenders.hpp"

namespace recovery {

namespace {

using moor::mongo::c_owner;
using pool_owner = c_owner<mongoc_client_pool_t, mongoc_client_pool_destroy>;

void ping(mongoc_client_t& client, successes& seen, std::size_t number) {
  bson_t command = BSON_INITIALIZER;
  BSON_APPEND_INT32(&command, "ping", 1);
  bson_error_t error;
  if (mongoc_client_command_simple(&client, "admin", &command, nullptr, nullptr, &error))
    seen.succeeded(number);
  else
    seen.failed();
  bson_destroy(&command);
}

class pool_contender final : public contender {
public:
  explicit pool_contender(const std::string& uri) : contender{"mongoc_client_pool", clients} {
    const auto parsed = moor::test::parse_uri(uri);
    mongoc_uri_set_option_as_int32(parsed.get(), MONGOC_URI_MAXPOOLSIZE, connections);
    pool_.reset(mongoc_client_pool_new(parsed.get()));
    for (std::size_t i = 0; i < clients; ++i)
      threads_.emplace_back([this, i](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          auto* client = mongoc_client_pool_pop(pool_.get());
          ping(*client, seen(), i);
          mongoc_client_pool_push(pool_.get(), client);
          std::this_thread::sleep_for(pause);
        }
      });
  }

private:
  pool_owner pool_;
  std::vector<std::jthread> threads_;
};

class client_contender final : public contender {
public:
  explicit client_contender(const std::string& uri) : contender{"mongoc_client", 1} {
    client_.reset(mongoc_client_new_from_uri(moor::test::parse_uri(uri).get()));
    thread_ = std::jthread{[this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        ping(*client_, seen(), 0);
        std::this_thread::sleep_for(pause);
      }
    }};
  }

private:
  moor::mongo::client_owner client_;
  std::jthread thread_;
};

} // namespace

std::unique_ptr<contender> make_client_pool(const std::string& uri) {
  return std::make_unique<pool_contender>(uri);
}

std::unique_ptr<contender> make_client(const std::string& uri) {
  return std::make_unique<client_contender>(uri);
}

} // namespace recovery
