#include "serve_options.hpp"

#include "hand_over_options.hpp"
#include "limit_options.hpp"
#include "options.hpp"
#include "proxy_options.hpp"
#include "udp_options.hpp"
#include "unix_options.hpp"

#include <fairlead/text_forms.hpp>

namespace fairlead::command {

namespace {

// Without a help flag of its own its help is that of `serve`, which shows them all.
CLI::App* add_handler(CLI::App& serving, const std::string& name, const std::string& description) {
    CLI::App* const added = serving.add_subcommand(name, description);
    added->set_help_flag();
    return added;
}

void add_handlers(CLI::App& command, listener_options& options) {
    CLI::App* const echoing = add_handler(command, "echo", "Send each message back");
    echoing->add_option("--prefix", options.prefix, "text before each reply")->type_name("TEXT");
    add_handler(command, "uppercase", "Send each message back in upper case (a-z become A-Z)");
    CLI::App* const replying = add_handler(command, "reply", "Answer each message with a text");
    replying
        ->add_option_function<std::string>(
            "--text", [&options](const std::string& text) { options.text = text; },
            "needed: the answer; {message} is replaced by the received\nmessage")
        ->type_name("TEMPLATE");
    CLI::App* const chatting = add_handler(command, "chat", "Let people talk in rooms; /help shows the commands");
    chatting->add_option("--history", options.chat.history, "lines that a visitor gets on entering a room")
        ->check(CLI::Range(0, 1000))
        ->type_name("N")
        ->capture_default_str();
    chatting
        ->add_option("--chat-rate", options.chat.rate,
                     "lines a second of one visitor, and those of 5 s at once;\n0: any number")
        ->check(CLI::Range(0, 1'000'000))
        ->type_name("N")
        ->capture_default_str();
    add_broker_options(*chatting, options.broker);
    add_relay_options(*add_handler(command, "relay", "Connect each client to another server and pass messages on"),
                      options.relay);
    add_handler(command, "sink", "Receive messages of any size, drop them and count");
    add_source_options(*add_handler(command, "source", "Send messages of any size to each client"), options.source);
#ifdef FAIRLEAD_FILES
    add_file_options(*add_handler(command, "files", "Receive files into a directory"), options.files);
#endif
}

} // namespace

void add_process_options(CLI::App& command, process_options& options) {
    command.add_option("--threads", options.server.threads, "threads that serve; 0: one per core")
        ->check(CLI::Range(0, 1024))
        ->type_name("N")
        ->capture_default_str();
    command
        .add_option("--blocking-threads", options.server.blocking_threads,
                    "threads for work that blocks, such as that of the disk")
        ->check(CLI::Range(1, 1024))
        ->type_name("N")
        ->capture_default_str();
    add_size(
        command, "--buffer-budget", options.server.buffer_budget,
        "bytes in the buffers of all connections; 0: no limit;\ndefault: 256 MiB, or a quarter of the memory if that "
        "is less");
    add_duration(command, "--drain-notice", options.server.drain_notice,
                 "before a stop begins: connections are still accepted, while\n/readyz of --admin says 503");
    add_unix_options(command, options.server.unix_mode, options.server.unix_users);
    add_user_option(command, options.user);
    add_admin_options(command, options.admin);
    add_adoption_option(command, options.adoptions);
    add_hand_over_option(command, options.hand_over);
#ifdef FAIRLEAD_FILES
    refuse_empty(command.add_option("--audit-log", options.audit_log,
                                    "append a line of JSON to this file for each file that is\nstored, refused or "
                                    "failed, and for each refused connection"))
        ->type_name("FILE");
#endif
    add_log_options(command, options.log);
}

void add_listener_options(CLI::App& command, listener_options& options) {
    command
        .add_option(
            "--listen", options.listen,
            wrapped("where to listen: " + syntaxes_of(url_forms()) + "; may be repeated; port 0 chooses a free port"))
        ->type_name("URL")
        ->take_all()
        ->allow_extra_args(false)
        ->capture_default_str();
    add_framing(command, options.framing);
    add_size(command, "--max-message", options.max_message,
             "the largest message; with sink, source and relay also the\nlargest that passes in parts, such as 20GiB "
             "with length:8")
        ->default_str("1MiB, or 16KiB with line; any size with sink and source");
    add_limit_options(command, options.limits);
    add_tls_options(command, options.tls);
    add_udp_options(command, options.udp);
    add_proxy_options(command, options.proxy);
    add_websocket_options(command, options.web);
    add_handlers(command, options);
}

} // namespace fairlead::command
