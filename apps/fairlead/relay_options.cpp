#include "relay_options.hpp"

#include "framing_in_parts.hpp"
#include "options.hpp"
#include "websocket_options.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/framing/parse.hpp>
#include <fairlead/framing/websocket.hpp>
#include <fairlead/handlers/relay.hpp>
#include <fairlead/url.hpp>

#include <algorithm>
#include <stdexcept>

namespace fairlead::command {

namespace {

std::string target_text(const relay_settings& options, const relay_front& front) {
    const bool given = !options.framing.empty();
    return framing_text_for(url::parse(options.to), given ? options.framing : front.framing, given, front.websocket);
}

// A message of WebSocket in fragments has no size, which other framings need.
bool needs_size_of(const framing& other, framing rules) {
    byte_buffer output;
    return other.target<websocket>() && !rules.target<websocket>() && !rules.begin_message(std::nullopt, output);
}

// One side of a relay holds messages whole if the other does not divide them.
framing messages_beside(const std::string& text, const std::string& other, const relay_front& front) {
    const framing rules = parse_framing(text, front.max_message);
    const framing beside = parse_framing(other);
    const bool in_parts = passes_in_parts(beside) && !needs_size_of(beside, rules) && !needs_size_of(rules, beside);
    return in_parts ? framing_in_parts(text, front.max_message) : rules;
}

framing messages_of(const relay_settings& options, const relay_front& front) {
    const std::string beside = front.of_websocket ? front.websocket : front.framing;
    return messages_beside(target_text(options, front), beside, front);
}

} // namespace

fairlead::framing relay_settings::front_messages(const std::string& framing, const relay_front& front) const {
    return messages_beside(framing, target_text(*this, front), front);
}

void relay_settings::check(const relay_front& front) const {
    if (to.empty())
        throw std::invalid_argument{"--to is required: the URL to which the handler relay connects"};
    const url target = url::parse(to);
    if (target.transport == transport::udp)
        throw std::invalid_argument{"--to " + to +
                                    ": a relay needs connections, and UDP has none; give tcp://, tls://, unix:// or "
                                    "ws://"};
    if (messages_of(*this, front).to_string().starts_with("websocket") != target.websocket)
        throw std::invalid_argument{"--to-framing " + framing + " does not go with --to " + to +
                                    (target.websocket ? ": WebSocket divides messages by itself; give websocket or "
                                                        "websocket:text, or leave it out"
                                                      : "; it is for ws:// and wss://")};
    if (front.of_websocket && !target.websocket && framing.empty())
        throw std::invalid_argument{"--to-framing is required between WebSocket and " + to +
                                    ": how the target divides bytes into messages, such as line; raw has no messages"};
    tls.checked({to});
}

handler relay_settings::make(const relay_front& front) const {
    relay_options how{.connect = {.deadline = connect_timeout, .limits = front.limits, .tls = tls.checked({to})}};
    limits& bounds = how.connect.limits;
    bounds.write_high_watermark = std::max(bounds.write_high_watermark, bounds.max_write_buffer); // see client_limits
    bounds.idle_timeout = client_limits.idle_timeout;
    if (how.connect.tls != tls_client_options{})
        how.connect.tls.handshake_timeout = connect_timeout;
    if (!announce.empty())
        how.announce = announce == "v1" ? proxy_version::v1 : proxy_version::v2;
    return relay(to, messages_of(*this, front), how);
}

void add_relay_options(CLI::App& command, relay_settings& options) {
    refuse_empty(
        command.add_option("--to", options.to,
                           wrapped("needed: where to connect for each connection, such as tcp://127.0.0.1:8080, "
                                   "unix:///run/app.sock, tls://app.example:443 or ws://127.0.0.1:8080/chat")))
        ->type_name("URL");
    refuse_empty(
        command.add_option(
            "--to-framing", options.framing,
            wrapped("how the bytes of the target divide into messages; default: those of WebSocket for ws:// and "
                    "wss://, else as --framing, which for a relay is raw by default")))
        ->type_name("SPEC");
    command
        .add_option("--to-proxy", options.announce,
                    wrapped("tell the target the addresses of each client by a PROXY header of this version: v1 or v2"))
        ->check(CLI::IsMember({"v1", "v2"}))
        ->type_name("VERSION");
    add_duration(command, "--to-timeout", options.connect_timeout, "for each connection to the target; 0: none");
    add_client_tls(command, options.tls);
}

} // namespace fairlead::command
