#include "websocket/upgrade_answer.hpp"

#include "http/header_list.hpp"
#include "websocket/deflate_extension.hpp"
#include "websocket/upgrade.hpp"

#include <fairlead/printable.hpp>
#include <fairlead/utf8.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace fairlead {

namespace {

constexpr std::uint64_t max_error_page = 16 * 1024 * 1024; // little of it is read
constexpr std::size_t max_words = 200;

std::string one_line(std::string_view text) {
    text = text.substr(0, text.find_first_of("\r\n"));
    return printable(cut_between_characters(text, max_words));
}

bool has_line(std::string_view body) {
    return body.size() >= max_words || body.find('\n') != std::string_view::npos;
}

} // namespace

struct upgrade_answer_reader::parser {
    parser() {
        read.eager(true);
        read.header_limit(max_header);
        read.body_limit(max_error_page);
    }

    std::string_view field(boost::beast::http::field name) const {
        const auto found = read.get()[name];
        return {found.data(), found.size()};
    }

    boost::beast::http::response_parser<boost::beast::http::string_body> read;
};

upgrade_answer_reader::upgrade_answer_reader(const std::string& key, std::vector<std::string> subprotocols,
                                             bool deflate)
    : accept_{websocket_accept(key)}, subprotocols_{std::move(subprotocols)},
      deflate_offered_{deflate}, parser_{std::make_unique<parser>()} {}

upgrade_answer_reader::~upgrade_answer_reader() = default;

void upgrade_answer_reader::add(bytes_view bytes) {
    held_.append(bytes.text());
}

std::variant<upgrade_incomplete, upgrade_accepted, upgrade_refused> upgrade_answer_reader::next() {
    namespace http = boost::beast::http;
    auto& read = parser_->read;
    while (!read.is_done() && !held_.empty()) {
        boost::beast::error_code failed;
        const auto used = read.put(boost::asio::buffer(held_), failed);
        held_.erase(0, used);
        if ((failed == http::error::need_more || (!failed && used == 0)) && held_.size() <= max_header)
            break;
        if (failed == http::error::header_limit)
            return upgrade_refused{0, "the server's answer has a header of more than " + std::to_string(max_header) +
                                          " bytes"};
        if (failed && !read.is_header_done())
            return upgrade_refused{0, "the server's answer is not HTTP (" + failed.message() +
                                          "); check that a WebSocket server listens there"};
        if (failed)
            return refused();
    }
    if (!read.is_header_done())
        return ended_ ? std::variant<upgrade_incomplete, upgrade_accepted, upgrade_refused>{upgrade_refused{
                            0, "the server ended the connection before it answered the upgrade; its log may say why"}}
                      : upgrade_incomplete{};
    if (read.get().result_int() == 101)
        return check();
    if (read.is_done() || ended_ || has_line(read.get().body()))
        return refused();
    return upgrade_incomplete{};
}

upgrade_refused upgrade_answer_reader::refused() const {
    const auto& answer = parser_->read.get();
    std::string why = "the server answered " + std::to_string(answer.result_int());
    const std::string reason = one_line({answer.reason().data(), answer.reason().size()});
    if (!reason.empty())
        why += " " + reason;
    if (const std::string line = one_line(answer.body()); !line.empty())
        why += ": " + line;
    return {answer.result_int(), std::move(why)};
}

std::variant<upgrade_incomplete, upgrade_accepted, upgrade_refused> upgrade_answer_reader::check() {
    using boost::beast::http::field;
    const auto refuse = [](std::string why) { return upgrade_refused{101, "the server's answer 101 " + why}; };
    if (!list_has(parser_->field(field::upgrade), "websocket"))
        return refuse("lacks 'Upgrade: websocket'; it goes on with another protocol");
    if (!list_has(parser_->field(field::connection), "upgrade"))
        return refuse("lacks 'Connection: Upgrade'");
    if (parser_->field(field::sec_websocket_accept) != accept_)
        return refuse("has a wrong 'Sec-WebSocket-Accept'; it answers another request, perhaps from a cache");
    const bool extended = parser_->read.get().count(field::sec_websocket_extensions) != 0;
    const std::string_view extensions = parser_->field(field::sec_websocket_extensions);
    if (extended && !deflate_offered_)
        return refuse("has the extension '" + one_line(extensions) + "', which was not offered");
    if (extended && !accepts_deflate_offer(extensions))
        return refuse("has the extension '" + one_line(extensions) +
                      "', which differs from the offer: each message is to "
                      "be compressed by itself (server_no_context_takeover)");
    std::string subprotocol{parser_->field(field::sec_websocket_protocol)};
    if (!subprotocol.empty() && std::ranges::find(subprotocols_, subprotocol) == subprotocols_.end())
        return refuse("has the subprotocol '" + one_line(subprotocol) + "', which was not offered");
    return upgrade_accepted{std::move(subprotocol), extended, std::exchange(held_, {})};
}

} // namespace fairlead
