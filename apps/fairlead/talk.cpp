#include "client_tls.hpp"
#include "command.hpp"
#include "dialogue.hpp"
#include "options.hpp"
#include "quantity.hpp"
#include "start_advice.hpp"
#include "udp_dialogue.hpp"
#include "websocket_options.hpp"

#include <fairlead/connect.hpp>
#include <fairlead/framing/parse.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;

namespace fairlead::command {

namespace {

struct talk_options {
    std::string url;
    std::string framing = "length";
    talk_settings how;
    bool hex = false;
    client_tls tls;
};

// Asio ignores SIGPIPE; without this, `talk … | head` would never end.
void end_with_the_reader() {
    std::signal(SIGPIPE, SIG_DFL);
}

std::string advice(const url& address, const error_code& why, std::chrono::milliseconds timeout) {
    if (why == errc::connect_timeout || why == tls_errc::handshake_timeout)
        return " (--timeout " + to_text(timeout) + ")";
    return start_advice(address, why);
}

boost::asio::awaitable<void> reach(shard& home, url address, framing rules, std::chrono::milliseconds timeout,
                                   const tls_client_options& tls, std::shared_ptr<session>& server) {
    connect_options options{.deadline = std::max(timeout, 1ms), .limits = dialogue::session_limits(), .tls = tls};
    if (address.tls)
        options.tls.handshake_timeout = 0ms; // the deadline is enough
    const auto connected = co_await connect(home, address, std::move(rules), options);
    if (!connected)
        throw std::runtime_error{"cannot connect to " + address.to_string() + ": " +
                                 describe(address, connected.error()) + advice(address, connected.error(), timeout)};
    server = *connected;
}

boost::asio::awaitable<void> reach_by_datagrams(shard& home, url address, std::chrono::milliseconds timeout,
                                                std::unique_ptr<udp_client>& server) {
    const udp_client_options options{.deadline = std::max(timeout, 1ms)};
    auto connected = co_await udp_client::connect(home, address.to_string(), options);
    if (!connected)
        throw std::runtime_error{"cannot connect to " + address.to_string() + ": " +
                                 describe(address, connected.error()) + advice(address, connected.error(), timeout)};
    server = std::move(*connected);
}

int talk_in_datagrams(const url& address, const talk_options& options) {
    runtime home{1};
    end_with_the_reader();
    std::unique_ptr<udp_client> server;
    home.run(reach_by_datagrams(home[0], address, options.how.timeout, server));
    talk_settings how = options.how;
    how.layout = options.hex ? screen::layout::hex : screen::layout::lines;
    udp_dialogue talking{home, std::move(server), std::move(how)};
    return talking.run();
}

/// The options for which it matters whether they were given.
struct given_options {
    bool framing = false;
    bool max_message = false;
};

// The default limit is not applied to a framing that cannot count so far, or has a larger fixed size.
framing framing_of(const std::string& text, std::size_t max_message, bool max_message_given) {
    try {
        return parse_framing(text, max_message);
    } catch (const std::invalid_argument&) {
        if (max_message_given)
            throw;
        return parse_framing(text);
    }
}

int talk_in_frames(const url& address, const talk_options& options, const given_options& given) {
    const tls_client_options tls = options.tls.settings({options.url});
    const std::string text = framing_text_for(address, options.framing, given.framing, "websocket:text");
    framing rules = framing_of(text, options.how.max_message, given.max_message);
    std::string framing_name = rules.to_string();
    talk_settings how = options.how;
    how.layout = options.hex             ? screen::layout::hex
                 : framing_name == "raw" ? screen::layout::verbatim
                                         : screen::layout::lines;
    if (how.times && framing_name == "raw")
        throw std::invalid_argument{"--times does not go with --framing raw: bytes without messages have no replies to "
                                    "time; leave it out"};
    runtime home{1};
    end_with_the_reader();
    std::shared_ptr<session> server;
    home.run(reach(home[0], address, std::move(rules), how.timeout, tls, server));
    dialogue talking{home, std::move(server), std::move(framing_name), std::move(how)};
    return talking.run();
}

int talk(const talk_options& options, const given_options& given) {
    const url address = url::parse(options.url);
    if (address.transport != transport::udp)
        return talk_in_frames(address, options, given);
    if (given.max_message)
        throw std::invalid_argument{"--max-message does not go with " + options.url +
                                    ": a datagram carries at most 65507 bytes; leave it out"};
    static_cast<void>(options.tls.settings({options.url}));
    if (given.framing)
        throw std::invalid_argument{"--framing does not go with " + options.url +
                                    ": a datagram is a message already; leave it out"};
    return talk_in_datagrams(address, options);
}

} // namespace

subcommand add_talk(CLI::App& program) {
    const auto options = std::make_shared<talk_options>();
    talk_settings& how = options->how;
    CLI::App* const talking = program.add_subcommand("talk", "Send lines from stdin, show replies on stdout");
    talking
        ->add_option("URL", options->url,
                     "the server, such as tcp://127.0.0.1:9000, udp://127.0.0.1:9000,\nunix:///run/echo.sock, "
                     "tls://echo.example:9000 or\nws://127.0.0.1:8080/chat")
        ->required();
    const CLI::Option* const framing = add_framing(*talking, options->framing);
    const CLI::Option* const max_message =
        add_size(*talking, "--max-message", how.max_message, "the longest line, and the largest reply");
    add_duration(*talking, "--timeout", how.timeout, "for the connection, and for a reply after the last line");
    add_client_tls(*talking, options->tls);
    talking->add_flag("--hex", options->hex, "show each reply as hexadecimal: 68 65 6c 6c 6f");
    talking->add_flag("--hex-input", how.messages.hex, "each line is hexadecimal: 68 65 6c 6c 6f, or 68656c6c6f");
    talking->add_flag(
        "--times", how.times,
        "show with each reply the time of day and of its round trip;\nthe first reply belongs to the first "
        "line, and so on");
    CLI::Option* const given =
        talking
            ->add_option("--send", how.messages.given,
                         "a message, instead of lines from stdin; @FILE: the content of a\nfile, @@ begins with one @; "
                         "may be repeated")
            ->type_name("TEXT")
            ->take_all()
            ->allow_extra_args(false);
    add_count(*talking, "--repeat", how.messages.repeat, "times that the messages of --send are sent")->needs(given);
    refuse_empty(talking->add_option("--expect", how.expected,
                                     "end with exit code 0 when a reply contains this text, with 1 if\nnone has when "
                                     "--timeout is over after the last line"))
        ->type_name("TEXT");
    talking->add_flag("--no-history", how.no_history, "keep none of the lines typed on a terminal, and recall none");
    talking->footer(
        "Each line is one message, without its line ending. Each reply is shown on a line of its own. Control\n"
        "characters, backslashes and bytes that are not UTF-8 are escaped: \\n, \\t, \\\\, \\x1B. With --framing raw\n"
        "the bytes are shown as they arrive, and the answer to a later line begins a new line; on a terminal,\n"
        "control characters are escaped too.\n"
        "The end of input ends this side of the connection, and so does the line exit or quit on a terminal.\n"
        "On a terminal a line @FILE sends the content of a file, and @@ begins a line with one @. Where Fairlead\n"
        "is built with libedit, lines can be edited there, and earlier ones recalled with the arrow keys or searched\n"
        "with Ctrl-R. The last 1,000 are kept in ~/.local/state/fairlead/talk_history; ~/.editrc changes the keys.\n"
        "The remaining replies are shown until the server ends its side.\n"
        "A WebSocket has text messages unless --framing says websocket; its side of the connection ends after as\n"
        "many replies as lines, or when none has arrived for the time of --timeout.\n"
        "Over UDP each line is one datagram, and each received datagram is a reply, without a framing. The\n"
        "remaining replies are shown until there are as many as lines, or until none has arrived for the time\n"
        "of --timeout. Exit code 1 means that lines were left without a reply.\n"
        "\n"
        "Examples:\n"
        "  fairlead talk tcp://127.0.0.1:9000 --framing line\n"
        "  echo ahoy | fairlead talk tls://echo.example:9000 --hex");
    return {talking, [=] {
                return talk(*options, {.framing = framing->count() != 0, .max_message = max_message->count() != 0});
            }};
}

} // namespace fairlead::command
