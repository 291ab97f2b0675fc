#include "moor/ctl/stats_client.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "moor/ctl/format.hpp"
#include "moor/ctl/version.hpp"

namespace moor::ctl {

namespace {

constexpr std::size_t longest_answer = std::size_t{64} * 1024 * 1024;

struct easy_deleter {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
struct multi_deleter {
  void operator()(CURLM* handle) const noexcept { curl_multi_cleanup(handle); }
};

/// What wants curl to have been initialised; for ever, like the process.
void initialize_curl() {
  static const bool done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!done)
    throw std::runtime_error{"libcurl cannot be initialised"};
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (curl_easy_setopt(handle, option, value) != CURLE_OK)
    throw std::runtime_error{"libcurl does not know its option " + std::to_string(option)};
}

std::size_t append(char* data, std::size_t, std::size_t size, void* into) noexcept {
  auto& body = *static_cast<std::string*>(into);
  if (size > longest_answer - body.size())
    return 0; // ends the transfer
  body.append(data, size);
  return size;
}

int whole_milliseconds(duration span) {
  using std::chrono::milliseconds;
  constexpr duration longest = std::chrono::hours{1};
  const auto held = std::clamp(span, duration::zero(), longest);
  return static_cast<int>(std::chrono::ceil<milliseconds>(held).count());
}

} // namespace

struct stats_client::transfer {
  stats_source from;
  std::array<char, CURL_ERROR_SIZE> words{};
  std::string body;
  bool asking = false;
  std::unique_ptr<CURL, easy_deleter> easy;
  std::unique_ptr<CURLM, multi_deleter> multi;

  explicit transfer(stats_source source) : from{std::move(source)} {
    initialize_curl();
    easy.reset(curl_easy_init());
    multi.reset(curl_multi_init());
    if (!easy || !multi)
      throw std::runtime_error{"libcurl cannot be set up"};
    set_up(easy.get());
  }

  void set_up(CURL* handle) {
    set(handle, CURLOPT_URL, from.url.c_str());
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_PROXY, ""); // nor one of the environment
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_QUICK_EXIT, 1L); // a lookup in the DNS that hangs is left to its fate
    set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(whole_milliseconds(from.timeout)));
    set(handle, CURLOPT_ERRORBUFFER, words.data());
    set(handle, CURLOPT_WRITEFUNCTION, append);
    set(handle, CURLOPT_WRITEDATA, &body);
    set(handle, CURLOPT_USERAGENT, ("moorctl/" + std::string{version}).c_str());
    if (!from.authorities_file.empty())
      set(handle, CURLOPT_CAINFO, from.authorities_file.c_str());
    if (!from.user.empty()) {
      set(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
      set(handle, CURLOPT_USERNAME, from.user.c_str());
      std::string password{from.password.reveal()};
      set(handle, CURLOPT_PASSWORD, password.c_str()); // makes a copy of its own
      wipe(password);
    }
  }

  std::variant<std::string, no_contact> outcome(CURLcode code) {
    if (code == CURLE_WRITE_ERROR)
      return no_contact{"the answer is larger than 64 MiB", true};
    if (code != CURLE_OK)
      return no_contact{harmless(words[0] != '\0' ? words.data() : curl_easy_strerror(code))};
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status == 200)
      return std::move(body);
    if (status == 401)
      return no_contact{from.user.empty()
                          ? "the component asks for a user: give --user and --password-file"
                          : "the component refuses this user and password",
                        true};
    // What is not there, or not allowed, stays so; a component that is busy, or a proxy before one
    // that is away, does not.
    const bool for_good = status == 403 || status == 404 || status == 405;
    return no_contact{"the answer has the status " + std::to_string(status), for_good};
  }
};

stats_client::stats_client(stats_source from)
  : transfer_{std::make_unique<transfer>(std::move(from))} {}

stats_client::~stats_client() {
  if (transfer_->asking)
    curl_multi_remove_handle(transfer_->multi.get(), transfer_->easy.get());
}

void stats_client::ask() {
  if (transfer_->asking)
    return;
  transfer_->body.clear();
  transfer_->words[0] = '\0';
  if (curl_multi_add_handle(transfer_->multi.get(), transfer_->easy.get()) != CURLM_OK)
    throw std::runtime_error{"libcurl takes no question"};
  transfer_->asking = true;
}

bool stats_client::is_asking() const noexcept {
  return transfer_->asking;
}

std::optional<std::variant<std::string, no_contact>>
stats_client::wait(std::span<const int> watched, duration at_most) {
  auto* multi = transfer_->multi.get();
  int running = 0;
  const auto finished = [&]() -> std::optional<std::variant<std::string, no_contact>> {
    curl_multi_perform(multi, &running);
    int left = 0;
    const auto* news = curl_multi_info_read(multi, &left);
    if (news == nullptr || news->msg != CURLMSG_DONE)
      return std::nullopt;
    const auto code = news->data.result;
    curl_multi_remove_handle(multi, transfer_->easy.get());
    transfer_->asking = false;
    return transfer_->outcome(code);
  };
  if (auto done = finished())
    return done;
  std::vector<curl_waitfd> descriptors;
  for (const int one : watched)
    descriptors.push_back({one, CURL_WAIT_POLLIN, 0});
  curl_multi_poll(multi, descriptors.data(), static_cast<unsigned>(descriptors.size()),
                  whole_milliseconds(at_most), nullptr);
  return finished();
}

std::variant<std::string, no_contact> ask_once(const stats_source& from) {
  stats_client client{from};
  client.ask();
  while (true) // the transfer's own timeout ends it
    if (auto outcome = client.wait({}, from.timeout))
      return *std::move(outcome);
}

} // namespace moor::ctl
