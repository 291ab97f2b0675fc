// Requests to the HTTP endpoint, as its server hands them on: method, path and headers.
#include <array>
#include <memory>
#include <string>

#include <fuzzer/FuzzedDataProvider.h>

#include "fuzz/check.hpp"
#include "moor/runtime/http/answers.hpp"
#include "moor/runtime/http/metrics_text.hpp"

namespace {

using moor::fuzz::require;
namespace http = moor::http;

constexpr std::array paths{"/", "/metrics", "/stats", "/health/ready", "/health/live", "/events"};

http::request request_of(FuzzedDataProvider& from) {
  http::request what;
  what.method = from.PickValueInArray({"GET", "HEAD", "POST", ""});
  what.version = from.PickValueInArray({"1.0", "1.1"});
  what.path
    = from.ConsumeBool() ? from.PickValueInArray(paths) : "/" + from.ConsumeRandomLengthString(64);
  what.accept = from.ConsumeRandomLengthString(256);
  what.authorization = (from.ConsumeBool() ? "Basic " : "") + from.ConsumeRandomLengthString(128);
  what.host = from.ConsumeRandomLengthString(64);
  what.hosts = from.ConsumeIntegralInRange<std::size_t>(0, 2);
  what.has_body = from.ConsumeProbability<double>() < 0.1;
  what.header_bytes = from.ConsumeIntegralInRange<std::size_t>(0, 20'000);
  return what;
}

void check_head(const http::answer& what) {
  const auto head = http::head_of(what);
  require(head.ends_with("\r\n\r\n") && head.find("\r\n\r\n") + 4 == head.size(),
          "a head ends once, at its end");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider from{data, size};
  const auto board = std::make_shared<moor::actors::board>();
  const http::credentials wanted{"visitor", moor::secret{from.ConsumeRandomLengthString(8) + "w"}};
  const auto what = request_of(from);
  const auto answer = http::answers{board, nullptr, wanted, false}.to(what);
  require(answer.status != 200 || wanted.open_with(what.authorization)
            || (what.path == "/health/live" && answer.body == R"({"live":true})"),
          "nobody is told without the password more than that the process lives");
  require(answer.status != 200 || what.hosts == 1 || (what.hosts == 0 && what.version == "1.0"),
          "a request has one Host");
  check_head(answer);
  const auto local = http::answers{board, nullptr, {}, true}.to(what);
  require(local.status != 200 || http::is_local_host(what.host), "nobody asks for another machine");
  check_head(local);
  http::wanted_format(what.accept);
  http::from_base64(what.authorization);
  return 0;
}
