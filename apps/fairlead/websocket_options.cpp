#include "websocket_options.hpp"

#include "tls_options.hpp"

#include <algorithm>
#include <stdexcept>

namespace fairlead::command {

websocket_server_options websocket_settings::settings(const std::vector<std::string>& urls) const {
    const auto is_websocket = [](const std::string& each) { return url::parse(each).websocket; };
    if (std::any_of(urls.begin(), urls.end(), is_websocket))
        return rest;
    if (!given.empty())
        throw std::invalid_argument{given + " is for WebSocket, and " + urls.front() +
                                    " is not; write ws://HOST:PORT/PATH or wss://HOST:PORT/PATH, or leave it out"};
    return {};
}

void add_websocket_options(CLI::App& command, websocket_settings& options) {
    std::string& given = options.given;
    note_given(command.add_flag("--ws-text", options.text,
                                "WebSocket: messages are text, and binary ones are refused;\ndefault: binary ones are "
                                "sent, and both accepted"),
               given);
    note_given(command.add_flag("--ws-deflate", options.deflate,
                                "WebSocket: compress messages where the client agrees\n(permessage-deflate)"),
               given);
    note_given(command
                   .add_option("--ws-origin", options.rest.origins,
                               "WebSocket: pages of this origin may connect, such as\nhttps://chat.example, or * for "
                               "all; may be repeated; default:\nthose that come from this host and port")
                   ->type_name("ORIGIN")
                   ->take_all()
                   ->allow_extra_args(false),
               given);
    note_given(command
                   .add_option("--ws-protocol", options.rest.subprotocols,
                               "WebSocket: names of subprotocols, most preferred first, such as\nchat.v2,chat.v1")
                   ->delimiter(',')
                   ->type_name("NAME,...")
                   ->take_all()
                   ->allow_extra_args(false),
               given);
    note_given(command
                   .add_option("--ws-files", options.rest.files,
                               "WebSocket: answer other requests with the files of this\ndirectory; / is index.html")
                   ->type_name("DIR"),
               given);
}

std::string websocket_text(const websocket_settings& options) {
    return std::string{"websocket"} + (options.text ? ":text" : "") + (options.deflate ? ":deflate" : "");
}

std::string framing_text_for(const url& address, const std::string& text, bool given, const std::string& websocket) {
    return address.websocket && !given ? websocket : text;
}

} // namespace fairlead::command
