#pragma once

#include "core/counted_memory.hpp"
#include "http/http_request.hpp"
#include "http/http_response.hpp"

#include <fairlead/session.hpp>
#include <fairlead/shard.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead {

/// Requests and answers of HTTP over a session of raw bytes, one after the other.
///
///     next ──▶ a request ──respond──▶ next …        nullopt: the peer has left, was late, or was refused
///
/// Thread safety: that of the session. Lifetime: the session outlives it.
class http_exchange {
public:
    struct options {
        std::chrono::milliseconds request;                   ///< from the first byte of a request to its last
        std::chrono::milliseconds idle;                      ///< before the first byte of a request
        http_response (*refuse)(unsigned, std::string_view); ///< makes the answer to an invalid request
    };

    static constexpr std::size_t piece = 64 * 1024; ///< of a body that is in memory at one time

    http_exchange(session& peer, options how) noexcept;

    boost::asio::awaitable<std::optional<http_request>> next();

    /// Returns true if another request may follow.
    boost::asio::awaitable<bool> respond(http_response response, const http_request& to);

    /// The same with a body of `length` bytes. `read` returns it piece by piece, each from a position in the
    /// body. An empty piece ends the connection, because the rest is missing.
    using body_source = std::function<boost::asio::awaitable<std::string>(std::size_t from)>;
    boost::asio::awaitable<bool> respond(http_response head, std::size_t length, body_source read,
                                         const http_request& to);

    /// Sends bytes in pieces, so that little of a large answer is in memory twice. Returns false if the peer has left.
    boost::asio::awaitable<bool> send_all(std::string_view bytes);

    /// Returns the bytes behind the last request.
    std::string_view rest() const { return reader_.rest(); }

private:
    boost::asio::awaitable<bool> read_more();
    after_response after(const http_request& asked) const noexcept;
    bool may_go_on(bool sent, after_response next) noexcept;
    boost::asio::awaitable<bool> respond(http_response response, after_response next, bool head_only);

    session& peer_;
    const options how_;
    http_reader reader_;
    counted_memory held_;
    std::chrono::steady_clock::time_point began_{}; // of the request that is not whole yet
    unsigned unbroken_ = 0;                         // requests so far
};

} // namespace fairlead
