#include "http/http_request.hpp"

#include "core/url_limits.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/verb.hpp>

#include <algorithm>
#include <utility>

namespace fairlead {

namespace http = boost::beast::http;

struct http_reader::parser {
    parser() {
        read.eager(true);
        read.header_limit(max_header);
        read.body_limit(max_body);
    }

    http::request_parser<http::string_body> read;
    bool told_to_continue = false;
};

namespace {

constexpr std::size_t max_name = 512; // of hosts and origins

std::string text_of(const http::request<http::string_body>& request, http::field name) {
    const auto found = request[name];
    return {found.data(), found.size()};
}

std::string join_all(const http::request<http::string_body>& request, http::field name) {
    std::string joined;
    const auto [begin, end] = request.equal_range(name);
    for (auto each = begin; each != end; ++each) {
        if (each != begin)
            joined += ", ";
        joined.append(each->value().data(), each->value().size());
    }
    return joined;
}

http_upgrade upgrade_of(const http::request<http::string_body>& request) {
    return {.upgrade = join_all(request, http::field::upgrade),
            .connection = join_all(request, http::field::connection),
            .origin = join_all(request, http::field::origin),
            .key = join_all(request, http::field::sec_websocket_key),
            .version = join_all(request, http::field::sec_websocket_version),
            .protocols = join_all(request, http::field::sec_websocket_protocol),
            .extensions = join_all(request, http::field::sec_websocket_extensions)};
}

http_refusal refusal_for(const boost::beast::error_code& why) {
    if (why == http::error::header_limit)
        return {431, "The header has more than " + std::to_string(http_reader::max_header) + " bytes."};
    if (why == http::error::body_limit)
        return {413, "The body has more than " + std::to_string(http_reader::max_body) + " bytes; it needs none."};
    if (why == http::error::bad_version)
        return {505, "This server speaks HTTP/1.1 and HTTP/1.0."};
    return {400, "This is no request of HTTP/1.1: " + why.message() + "."};
}

// Removes `http://host` from a target such as `http://host/path?query`, which a proxy sends, and returns `host`.
std::optional<std::string> take_authority(std::string& target) {
    const auto scheme = target.find("://");
    if (target.starts_with('/') || scheme == std::string::npos)
        return std::nullopt;
    const auto begin = scheme + 3;
    const auto end = std::min(target.find_first_of("/?", begin), target.size());
    std::string authority = target.substr(begin, end - begin);
    target.erase(0, end);
    if (!target.starts_with('/'))
        target.insert(0, "/");
    return authority;
}

std::variant<http_incomplete, http_request, http_refusal> understand(const http::request<http::string_body>& read,
                                                                     bool keep_alive) {
    http_request found;
    found.method = {read.method_string().data(), read.method_string().size()};
    std::string target{read.target().data(), read.target().size()};
    const auto hosts = read.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && read.version() >= 11))
        return http_refusal{400, "A request of HTTP/1.1 has one header 'Host'."};
    if (hosts == 1)
        found.host = text_of(read, http::field::host);
    if (auto authority = take_authority(target))
        found.host = std::move(authority);
    if (target.size() > max_path_and_query)
        return http_refusal{414,
                            "The path and the query have more than " + std::to_string(max_path_and_query) + " bytes."};
    const auto question = std::min(target.find('?'), target.size());
    found.path = target.substr(0, question);
    if (question < target.size())
        found.query = target.substr(question + 1);
    found.accept = text_of(read, http::field::accept);
    found.authorization = text_of(read, http::field::authorization);
    found.upgrade = upgrade_of(read);
    if (found.host.value_or("").size() > max_name || found.upgrade.origin.size() > max_name)
        return http_refusal{400, "The header 'Host' or 'Origin' has more than " + std::to_string(max_name) + " bytes."};
    found.minor_version = read.version() % 10;
    found.keep_alive = keep_alive;
    return found;
}

} // namespace

http_reader::http_reader() = default;
http_reader::~http_reader() = default;

void http_reader::add(bytes_view bytes) {
    held_.erase(0, std::exchange(taken_, 0));
    held_.append(bytes.text());
}

std::variant<http_incomplete, http_request, http_refusal> http_reader::next() {
    if (!parser_)
        parser_ = std::make_unique<parser>();
    while (!parser_->read.is_done()) {
        if (rest().empty())
            return http_incomplete{};
        boost::beast::error_code failed;
        const auto used = parser_->read.put(boost::asio::buffer(rest()), failed);
        taken_ += used;
        parsed_ += used;
        if (failed == http::error::need_more || (!failed && used == 0 && !parser_->read.is_done()))
            return incomplete();
        if (failed)
            return refusal_for(failed);
    }
    const auto done = std::exchange(parser_, nullptr);
    parsed_ = 0;
    return understand(done->read.get(), done->read.keep_alive());
}

// Beast limits neither the header of a chunk nor the trailer behind the last chunk.
std::variant<http_incomplete, http_request, http_refusal> http_reader::incomplete() const {
    if (rest().size() <= max_header)
        return http_incomplete{};
    return http_refusal{431, "A part of the request has more than " + std::to_string(max_header) + " bytes."};
}

bool http_reader::inside_request() const noexcept {
    return !rest().empty() || (parser_ && parser_->read.got_some());
}

bool http_reader::takes_continue() noexcept {
    if (!parser_ || parser_->told_to_continue || !parser_->read.is_header_done() || parser_->read.is_done())
        return false;
    const auto& read = parser_->read.get();
    const auto expected = read[http::field::expect];
    if (read.version() < 11 || !boost::beast::iequals(expected, "100-continue"))
        return false;
    return parser_->told_to_continue = true;
}

} // namespace fairlead
