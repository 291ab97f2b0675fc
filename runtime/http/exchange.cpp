#include "moor/runtime/http/exchange.hpp"

namespace moor::http {

answer text_answer(int status, std::string line) {
  answer result;
  result.status = status;
  result.body = std::move(line) + "\n";
  return result;
}

const char* reason_of(int status) noexcept {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 421: return "Misdirected Request";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Error";
  }
}

std::string head_of(const answer& what) {
  std::string head = "HTTP/1.1 " + std::to_string(what.status) + ' ' + reason_of(what.status)
                     + "\r\nContent-Type: " + what.type + "\r\nConnection: close\r\n"
                     + "Cache-Control: no-store\r\n"
                       "X-Content-Type-Options: nosniff\r\n"
                       "X-Frame-Options: DENY\r\n"
                       "Referrer-Policy: no-referrer\r\n"
                       "Cross-Origin-Resource-Policy: same-origin\r\n";
  bool has_policy = false;
  for (const auto& [name, value] : what.headers) {
    has_policy |= name == "Content-Security-Policy";
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (!has_policy)
    head += "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
  if (!what.streams)
    head += "Content-Length: " + std::to_string(what.body.size()) + "\r\n";
  return head + "\r\n";
}

} // namespace moor::http
