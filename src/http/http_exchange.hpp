#pragma once

#include "http/http_request.hpp"
#include "http/http_response.hpp"

#include <fairlead/session.hpp>
#include <fairlead/shard.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace fairlead {

/// Requests and answers of HTTP over a session of raw bytes, one after the other.
///
///     next ──▶ a request ──respond──▶ next …        nothing: the peer has left, was late, or sent no request; it was told
///
/// Thread safety: that of the session. Lifetime: the session outlives it.
class http_exchange {
public:
    struct options {
        std::chrono::milliseconds request;                   ///< from the first byte of a request to its last
        std::chrono::milliseconds idle;                      ///< before that
        http_response (*refuse)(unsigned, std::string_view); ///< makes the answer to what is no request
    };

    http_exchange(session& peer, options how) noexcept : peer_{peer}, how_{how} {}

    boost::asio::awaitable<std::optional<http_request>> next();

    /// Returns true if another request may follow.
    boost::asio::awaitable<bool> respond(http_response response, const http_request& to);

    /// Sends bytes in pieces, so that little of a large answer is in memory twice. Returns false if the peer has left.
    boost::asio::awaitable<bool> send_all(std::string_view bytes);

    /// The bytes behind the last request.
    std::string_view rest() const { return reader_.rest(); }

private:
    boost::asio::awaitable<bool> read_more();
    boost::asio::awaitable<bool> respond(http_response response, after_response next, bool head_only);

    session& peer_;
    const options how_;
    http_reader reader_;
    std::chrono::steady_clock::time_point began_{}; // of the request that is not whole yet
    unsigned unbroken_ = 0;                         // requests so far
};

} // namespace fairlead
