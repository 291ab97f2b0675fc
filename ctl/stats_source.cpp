#include "moor/ctl/stats_source.hpp"

#include <cstddef>
#include <memory>
#include <utility>

#include <curl/curl.h>

#include "moor/config/finding.hpp"
#include "moor/config/text.hpp"
#include "moor/runtime/small_file.hpp"

namespace moor::ctl {

namespace {

/// The port of OpenTelemetry's Prometheus exporter, which docs/configuration.md recommends.
constexpr std::string_view usual_port = "9464";
constexpr std::size_t longest_password = 1024;
constexpr std::size_t largest_authorities_file = std::size_t{8} << 20U; // all of Debian's: 0.2 MiB

struct curl_deleter {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
  void operator()(char* text) const noexcept { curl_free(text); }
};
using url_owner = std::unique_ptr<CURLU, curl_deleter>;

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK)
    return {};
  const std::unique_ptr<char, curl_deleter> owner{text};
  return text;
}

bad_source not_an_address(std::string_view address, std::string_view why) {
  return {"the address " + printable(address) + " " + std::string{why}
          + "; allowed is host:port, [::1]:9464 for instance, or a URL of http or https with host "
            "and port alone"};
}

/// Only what belongs there: nothing that would be left out unseen.
std::string_view surplus_in(CURLU* url) {
  if (!part(url, CURLUPART_USER).empty() || !part(url, CURLUPART_PASSWORD).empty())
    return "has a user, for whom --user and --password-file are there";
  const auto path = part(url, CURLUPART_PATH);
  if (path != "/" && path != "/stats")
    return "has a path";
  if (!part(url, CURLUPART_QUERY).empty() || !part(url, CURLUPART_FRAGMENT).empty())
    return "has a query";
  if (part(url, CURLUPART_PORT) == "0")
    return "has the port 0";
  return {};
}

} // namespace

std::variant<std::string, bad_source> stats_url(std::string_view address) {
  if (address.empty() || !is_utf8(address) || has_control_character(address)
      || address.find(' ') != std::string_view::npos)
    return not_an_address(address, "is none");
  const auto scheme_end = address.find("://");
  const bool has_scheme = scheme_end != std::string_view::npos;
  const auto authority = address.substr(has_scheme ? scheme_end + 3 : 0);
  if (authority.substr(0, authority.find_first_of("/?#")).ends_with(':'))
    return not_an_address(address, "has a colon without a port");
  const auto text = (has_scheme ? "" : "http://") + std::string{address};
  const url_owner url{curl_url()};
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
    return not_an_address(address, "is malformed");
  const auto scheme = part(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https")
    return not_an_address(address, "is of another protocol");
  if (const auto why = surplus_in(url.get()); !why.empty())
    return not_an_address(address, why);
  auto port = part(url.get(), CURLUPART_PORT, has_scheme ? CURLU_DEFAULT_PORT : 0);
  if (port.empty())
    port = usual_port;
  return scheme + "://" + part(url.get(), CURLUPART_HOST) + ":" + port + "/stats";
}

std::variant<shared_secret, bad_source> read_password(const std::string& file) {
  const auto named = "the file " + moor::quoted(file) + " ";
  const auto read = read_small_file(file, longest_password);
  if (!read.problem.empty())
    return bad_source{named + read.problem + "; allowed is a file of at most "
                      + std::to_string(longest_password) + " bytes with the password in its first "
                      + "line"};
  const auto password = first_line(read.text.reveal());
  if (password.empty())
    return bad_source{named + "holds no password in its first line"};
  return shared_secret{password};
}

std::variant<stats_source, bad_source> make_source(const top_options& from) {
  stats_source result;
  auto url = stats_url(from.address);
  if (auto* problem = std::get_if<bad_source>(&url))
    return std::move(*problem);
  result.url = std::get<std::string>(std::move(url));
  if (from.user.find(':') != std::string::npos)
    return bad_source{"the user of --user holds a colon, which basic authentication cannot tell "
                      "from the password's"};
  if (!from.password_file.empty()) {
    auto password = read_password(from.password_file);
    if (auto* problem = std::get_if<bad_source>(&password))
      return std::move(*problem);
    result.password = std::get<shared_secret>(std::move(password));
  }
  if (!from.authorities_file.empty()) {
    const auto read = read_small_file(from.authorities_file, largest_authorities_file);
    if (!read.problem.empty())
      return bad_source{"the file " + moor::quoted(from.authorities_file) + " of --ca-file "
                        + read.problem + "; allowed is a file of certificates (PEM)"};
  }
  result.user = from.user;
  result.authorities_file = from.authorities_file;
  result.timeout = from.timeout;
  return result;
}

} // namespace moor::ctl
