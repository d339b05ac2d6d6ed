#pragma once

#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead {

/// An answer of HTTP.
struct http_response {
    unsigned status = 200;
    std::string type = "text/plain; charset=utf-8"; ///< `Content-Type`
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};     ///< further headers
    std::string policy = "default-src 'none'; frame-ancestors 'none'"; ///< `Content-Security-Policy`
};

/// Returns an answer with a line of text.
http_response text_response(unsigned status, std::string line);

/// Returns an answer with `{"done": "…"}`.
http_response done_response(std::string_view text);

/// Returns an answer with `{"error": "…"}`.
http_response error_response(unsigned status, std::string_view text);

/// The next step after an answer.
enum class after_response { next_request, close };

/// Returns the header of an answer with a body of `length` bytes, up to its empty line; `now` is the time of
/// the system.
std::string http_head(const http_response& answer, std::size_t length, after_response next, std::time_t now);

/// The same for the body of the answer.
std::string http_head(const http_response& answer, after_response next, std::time_t now);

/// The same without a length: the body ends when the connection is closed.
std::string http_head_until_close(const http_response& answer, std::time_t now);

/// Returns `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string http_date(std::time_t time);

} // namespace fairlead
