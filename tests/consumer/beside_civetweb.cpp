// An embedder's program that serves with civetweb itself, and by prometheus-cpp: neither meets
// moor's.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <variant>

#include <civetweb.h>
#include <moor/moor.hpp>
#include <moor/runtime/http/endpoint.hpp>
#include <prometheus/exposer.h>
#include <prometheus/registry.h>

namespace {

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

void require_answer(const char* who, int port, const char* path) {
  char why[256] = "";
  auto* asked = mg_download("127.0.0.1", port, 0, why, sizeof why,
                            "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
  if (asked == nullptr)
    fail(std::string{who} + " does not answer: " + why);
  const int status = mg_get_response_info(asked)->status_code;
  mg_close_connection(asked);
  if (status != 200)
    fail(std::string{who} + " answers " + std::to_string(status));
}

} // namespace

int main() {
  mg_init_library(MG_FEATURES_DEFAULT);
  if (mg_check_feature(MG_FEATURES_FILES) == 0)
    fail("the program was linked with moor's civetweb, which serves no files");
  const char* options[] = {"listening_ports", "127.0.0.1:0", "document_root", ".", nullptr};
  auto* own = mg_start(nullptr, nullptr, options);
  mg_server_port where{};
  if (own == nullptr || mg_get_server_ports(own, 1, &where) != 1)
    fail("the program's own server does not start");

  prometheus::Exposer exposer{"127.0.0.1:0"};
  const auto registry = std::make_shared<prometheus::Registry>();
  exposer.RegisterCollectable(registry);
  const auto opened
    = moor::open_endpoint({{.listen = "127.0.0.1:0"}, std::make_shared<moor::actors::board>(), {}});
  if (const auto* why = std::get_if<std::string>(&opened))
    fail(*why);
  const auto address = std::get<std::unique_ptr<moor::endpoint>>(opened)->address();

  require_answer("the program's own server", where.port, "/");
  require_answer("prometheus-cpp", exposer.GetListeningPorts().at(0), "/metrics");
  require_answer("moor", std::stoi(address.substr(address.rfind(':') + 1)), "/health/live");
  mg_stop(own);
  std::puts("all three serve");
  return 0;
}
