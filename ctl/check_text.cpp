// The report of a check, for people.
#include <algorithm>
#include <array>

#include "moor/ctl/check.hpp"
#include "moor/ctl/format.hpp"
#include "moor/ctl/setting_lines.hpp"

namespace moor::ctl {

namespace {

class writer {
public:
  explicit writer(const paint& colour) : colour_{colour} {}

  void title(std::string_view text) {
    if (!text_.empty())
      text_ += '\n';
    text_ += colour_(tone::strong, text) + '\n';
  }
  void line(std::string_view text, tone how = tone::plain) {
    text_ += "  " + colour_(how, text) + '\n';
  }
  void pair(std::string_view label, std::string_view text, tone how = tone::plain) {
    line(fitted(label, 16) + std::string{text}, how);
  }

  std::string text() && { return std::move(text_); }

private:
  const paint& colour_;
  std::string text_;
};

void write_settings(const configuration& from, writer& to) {
  const auto given = std::ranges::count_if(from.rows, &setting_row::given);
  to.title("Settings (" + std::string{to_string(from.settings.value.profile)} + " profile, "
           + std::to_string(given) + " of " + std::to_string(from.rows.size()) + " given)");
  for (const auto& line : setting_lines(from.rows, true))
    to.line(line);
  for (const auto& one : from.remarks)
    to.line((one.is_error ? "error: " : "warning: ") + harmless(one.text),
            one.is_error ? tone::bad : tone::warning);
}

void write_step(const step& one, bool names_server, bool failed, writer& to) {
  const auto server = names_server ? "  " + harmless(one.server) : std::string{};
  if (one.done)
    to.pair(one.name, fitted_right(for_people(one.took), 10) + server);
  else
    to.pair(one.name,
            fitted_right(for_people(one.took), 10) + (failed ? "  FAILED" : "  not waited for")
              + server,
            failed ? tone::bad : tone::warning);
}

std::string encryption(const check_report& report) {
  const auto& tls = report.seen->tls;
  if (!tls)
    return report.where.tls ? "not agreed on" : "none";
  auto text = harmless(tls->version) + ", " + harmless(tls->cipher);
  if (tls->certificate_expires)
    text += ", certificate until " + day(*tls->certificate_expires);
  return text;
}

void write_connection(const check_report& report, writer& to) {
  const auto& seen = *report.seen;
  to.title("Connection to " + harmless(seen.address));
  const bool many = std::ranges::any_of(
    seen.steps, [&](const step& one) { return one.server != seen.steps.front().server; });
  for (const auto& one : seen.steps)
    write_step(one, many, seen.why.has_value(), to);
  to.pair("in all", fitted_right(for_people(seen.total), 10));
  to.pair("encryption", encryption(report));
  to.pair("credentials", report.where.credentials ? "yes" : "none");
  if (seen.why)
    to.line(harmless(describe(*seen.why)), tone::bad);
}

std::string topology(const server_view& server, bool read_only) {
  const std::string what = read_only || !server.writable ? "a secondary" : "takes writes";
  if (server.set_name.empty())
    return what + ", not of a replica set (or a router)";
  auto text = what + ", replica set " + harmless(server.set_name) + " of "
              + counted(server.hosts.size(), "member");
  if (!server.primary.empty())
    text += ", primary " + harmless(server.primary);
  return text;
}

std::string or_unknown(maybe_count count) {
  return count ? grouped(static_cast<std::uint64_t>(*count)) : std::string{"unknown"};
}

void write_server(const check_report& report, writer& to) {
  const auto& server = *report.seen->server;
  const auto& view = server.view;
  to.title("Server");
  to.pair("version", server.version.empty() ? "unknown" : server.version);
  to.pair("topology", topology(view, report.seen->read_only));
  to.pair("round trip", for_people(view.round_trip));
  to.pair("connections", or_unknown(view.connections_current) + " now, "
                           + or_unknown(view.connections_total_created) + " since its start");
  const auto left = connections_left(view);
  to.pair("head-room", or_unknown(left) + (left ? " more" : "") + ", for a pool of at most "
                         + grouped(report.settings.settings.value.max_pool_size));
}

void write_advice(const std::vector<advice>& all, writer& to) {
  to.title("Advice");
  if (all.empty())
    to.line("none", tone::faint);
  for (const auto& one : all)
    to.line((one.is_warning ? "warning: " : "note: ") + harmless(one.text),
            one.is_warning ? tone::warning : tone::plain);
}

struct ending {
  const char* text;
  tone how;
};

ending ending_of(exit_code how) noexcept {
  switch (how) {
    case exit_code::fine: return {"The pool can work with these settings.", tone::good};
    case exit_code::cannot_connect: return {"The server cannot be used.", tone::bad};
    case exit_code::bad_configuration:
      return {"The settings are refused; no connection was tried.", tone::bad};
    case exit_code::warnings: return {"It works, with warnings.", tone::warning};
    case exit_code::usage:
    case exit_code::cannot_write: break;
  }
  return {"", tone::plain};
}

} // namespace

std::string as_text(const check_report& report, const paint& colour) {
  writer to{colour};
  write_settings(report.settings, to);
  if (report.seen) {
    write_connection(report, to);
    if (report.seen->server)
      write_server(report, to);
    write_advice(report.advised, to);
  }
  const auto [text, how] = ending_of(report.how);
  return std::move(to).text() + '\n' + colour(how, text) + '\n';
}

} // namespace moor::ctl
