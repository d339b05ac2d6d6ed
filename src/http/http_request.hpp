#pragma once

#include <fairlead/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fairlead {

/// The headers of a request to switch to another protocol. Several headers of one name are joined by `, `.
struct http_upgrade {
    std::string upgrade = {};    ///< `Upgrade`; empty if there is none, as below
    std::string connection = {}; ///< `Connection`
    std::string origin = {};     ///< `Origin`
    std::string key = {};        ///< `Sec-WebSocket-Key`
    std::string version = {};    ///< `Sec-WebSocket-Version`
    std::string protocols = {};  ///< `Sec-WebSocket-Protocol`
    std::string extensions = {}; ///< `Sec-WebSocket-Extensions`
};

/// One request of HTTP/1.0 or HTTP/1.1.
struct http_request {
    std::string method = "GET";
    std::string path = "/";               ///< without the query; of `http://host/path` the path
    std::string query = {};               ///< behind the first `?`
    std::optional<std::string> host = {}; ///< the header `Host`; of `http://host/path` the host
    std::string accept = {};              ///< the header
    std::string authorization = {};       ///< the header
    http_upgrade upgrade = {};            ///< empty for most requests
    unsigned minor_version = 1;           ///< 0 for HTTP/1.0
    bool keep_alive = true;               ///< another request may follow
};

/// The refusal of an invalid or unwanted request. The connection ends after the answer.
struct http_refusal {
    unsigned status; ///< 400, 413, 414, 431 or 505; 405, 426 for WebSocket
    std::string why; ///< a sentence
    std::vector<std::pair<std::string, std::string>> headers = {}; ///< of the answer
};

/// More bytes are needed.
struct http_incomplete {};

/// Reads requests from bytes, without I/O. The body of a request is dropped.
///
///     add("GET / HTTP/1.1\r\nHo")   next() ──▶ http_incomplete
///     add("st: a\r\n\r\nGET /metr") next() ──▶ http_request{path "/"}, then http_incomplete
///
/// A request has at most `max_header` bytes up to its empty line, and `max_body` behind it. Its path and query
/// have at most `max_path_and_query` bytes, its host and its origin 512 each.
class http_reader {
public:
    static constexpr std::uint32_t max_header = 16 * 1024;
    static constexpr std::uint64_t max_body = 16 * 1024;

    http_reader();
    http_reader(const http_reader&) = delete;
    http_reader& operator=(const http_reader&) = delete;
    ~http_reader();

    void add(bytes_view bytes);

    /// Returns the next request. After a refusal there are no more.
    std::variant<http_incomplete, http_request, http_refusal> next();

    /// Returns the bytes behind the request that was returned last. Lifetime: until the next call.
    std::string_view rest() const noexcept { return std::string_view{held_}.substr(taken_); }

    /// Returns about how many bytes of memory the reader takes.
    std::size_t held() const noexcept { return held_.capacity() + parsed_; }

    /// Returns true if a request has begun and is not whole.
    bool inside_request() const noexcept;

    /// Returns true, once, if the peer waits for `100 Continue` before it sends the body.
    bool takes_continue() noexcept;

private:
    struct parser;

    std::variant<http_incomplete, http_request, http_refusal> incomplete() const;

    std::string held_;
    std::size_t taken_ = 0;          // of `held_`, at its beginning
    std::size_t parsed_ = 0;         // bytes that the parser has
    std::unique_ptr<parser> parser_; // of the request that has begun
};

} // namespace fairlead
