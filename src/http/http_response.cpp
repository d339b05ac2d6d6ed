#include "http/http_response.hpp"

#include "core/json_string.hpp"

#include <cstdio>

namespace fairlead {

namespace {

std::string_view reason(unsigned status) {
    switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 421: return "Misdirected Request";
    case 426: return "Upgrade Required";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "-";
    }
}

void add_header(std::string& head, std::string_view name, std::string_view value) {
    ((head += name) += ": ") += value;
    head += "\r\n";
}

std::string begin_head(const http_response& answer, after_response next, std::time_t now) {
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " ";
    (head += reason(answer.status)) += "\r\n";
    add_header(head, "Date", http_date(now));
    add_header(head, "Content-Type", answer.type);
    add_header(head, "Cache-Control", "no-store");
    add_header(head, "X-Content-Type-Options", "nosniff");
    add_header(head, "Referrer-Policy", "no-referrer");
    if (!answer.policy.empty())
        add_header(head, "Content-Security-Policy", answer.policy);
    for (const auto& [name, value] : answer.headers)
        add_header(head, name, value);
    add_header(head, "Connection", next == after_response::close ? "close" : "keep-alive");
    return head;
}

http_response json_response(unsigned status, const char* key, std::string_view text) {
    http_response made{.status = status, .type = "application/json"};
    made.body = "{";
    append_json_string(made.body, key);
    made.body += ':';
    append_json_string(made.body, text);
    made.body += "}\n";
    return made;
}

} // namespace

http_response text_response(unsigned status, std::string line) {
    http_response made{.status = status};
    made.body = std::move(line) + "\n";
    return made;
}

http_response done_response(std::string_view text) {
    return json_response(200, "done", text);
}

http_response error_response(unsigned status, std::string_view text) {
    return json_response(status, "error", text);
}

std::string http_head(const http_response& answer, std::size_t length, after_response next, std::time_t now) {
    std::string head = begin_head(answer, next, now);
    add_header(head, "Content-Length", std::to_string(length));
    return head += "\r\n";
}

std::string http_head(const http_response& answer, after_response next, std::time_t now) {
    return http_head(answer, answer.body.size(), next, now);
}

std::string http_head_until_close(const http_response& answer, std::time_t now) {
    return begin_head(answer, after_response::close, now) += "\r\n";
}

std::string http_date(std::time_t time) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday], parts.tm_mday,
                  months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return text;
}

} // namespace fairlead
