#include "admin_options.hpp"
#include "adoption_options.hpp"
#include "answer_check.hpp"
#include "command.hpp"
#ifdef FAIRLEAD_FILES
#include "audit/audit_entry.hpp"
#include "audit/audit_log.hpp"
#include "file_options.hpp"
#endif
#include "hand_over_options.hpp"
#include "limit_options.hpp"
#include "options.hpp"
#include "output.hpp"
#include "process_rights.hpp"
#include "proxy_options.hpp"
#include "tls_options.hpp"
#include "udp_options.hpp"
#include "unix_options.hpp"
#include "user_change.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/framing/parse.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/reply.hpp>
#include <fairlead/handlers/uppercase.hpp>
#include <fairlead/logging.hpp>
#include <fairlead/server.hpp>
#include <fairlead/url.hpp>

#include <spdlog/logger.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::command {

namespace {

struct serve_options {
    std::vector<std::string> listen{"tcp://127.0.0.1:9000"};
    std::string framing = "length";
    std::optional<std::size_t> max_message;
    std::string log_level = "info";
    std::string prefix;
    std::string text;
#ifdef FAIRLEAD_FILES
    file_options files;
    std::string audit_log;
#endif
    server_options server;
    proxy_server_options proxy;
    udp_options udp;
    tls_options tls;
    admin_settings admin;
    std::optional<user_identity> user;
    std::vector<adoption> adoptions;
    std::string hand_over;
};

bool is_of_datagrams(const std::string& text) {
    return url::parse(text).transport == transport::udp;
}

// A server whose output goes nowhere serves all the same, and says in the log what it could not print.
void announce(const endpoint& address) {
    const std::string line = "listening " + address.to_string();
    std::printf("%s\n", line.c_str());
    try {
        flush_output();
    } catch (const std::runtime_error& failed) {
        logger()->warn("{}; it would have been: {}", failed.what(), escape(line));
    }
}

// `[::]` takes IPv4 as well, unless `0.0.0.0` has the port already.
std::vector<std::string> with_all_of_ipv6_last(std::vector<std::string> urls) {
    std::stable_partition(urls.begin(), urls.end(),
                          [](const std::string& each) { return url::parse(each).host != "::"; });
    return urls;
}

void give_up_rights(const serve_options& options) {
    needed_rights needed{.urls = options.listen, .files = options.tls.files(), .user = options.user};
    needed.urls.insert(needed.urls.end(), options.admin.urls.begin(), options.admin.urls.end());
    std::ranges::copy(options.admin.files(), std::back_inserter(needed.files));
#ifdef FAIRLEAD_FILES
    needed.directory = options.files.receiver.directory;
#endif
    if (!options.hand_over.empty())
        needed.urls.push_back(options.hand_over);
    const auto why_not = confine_process(needed);
    logger()->set_level(spdlog::level::from_str(options.log_level));
    if (why_not)
        logger()->debug("access to files is not confined: {}", *why_not);
}

int serve(const serve_options& options, const handler& answers, bool framing_given) {
    if (framing_given && std::all_of(options.listen.begin(), options.listen.end(), is_of_datagrams))
        throw std::invalid_argument{
            "--framing does not go with UDP alone: a datagram is a message already; leave it out"};
    if (!options.udp.groups.empty() && std::none_of(options.listen.begin(), options.listen.end(), is_of_datagrams))
        throw std::invalid_argument{"--multicast is for datagrams; say where to hear them, such as with "
                                    "--listen udp://0.0.0.0:9000, beside group " +
                                    options.udp.groups.front().address};
    require_no_datagrams(options.proxy, options.listen);
    raise_descriptor_limit();
    const framing rules = parse_framing(options.framing, options.max_message);

    server_options settings = options.server;
    settings.on_listening = announce;
    settings.notify_service_manager = true;
    server server{std::move(settings)};
    adopt_sockets(server, options.adoptions);
    take_over_sockets(server, options.hand_over, options.user);
    udp_options udp = options.udp;
    udp.max_message = options.max_message.value_or(udp.max_message);
    const listen_options plain{.proxy = options.proxy};
    const listen_options secure{.tls = options.tls.settings(options.listen), .proxy = options.proxy};
    for (const std::string& each : with_all_of_ipv6_last(options.listen)) {
        const listen_options& how = url::parse(each).tls ? secure : plain;
        if (is_of_datagrams(each))
            server.listen(each, answers, udp);
        else if (socket_directory(each))
            as_user(options.user, [&] {
                if (&how == &secure)
                    require_readable(options.tls.files());
                return server.listen(each, rules, answers, how);
            });
        else
            server.listen(each, rules, answers, how);
    }
    offer_sockets(server, options.hand_over, options.user);
    open_admin(server, options.admin, options.user);
    if (options.user)
        become(*options.user);
    return server.run();
}

int answer(const serve_options& options, const message_handler& answers, bool framing_given) {
    if (!std::all_of(options.listen.begin(), options.listen.end(), is_of_datagrams))
        require_sendable_answers(answers, parse_framing(options.framing, options.max_message));
    if (std::any_of(options.listen.begin(), options.listen.end(), is_of_datagrams))
        require_answers_for_datagrams(answers);
    return serve(options, answers, framing_given);
}

#ifdef FAIRLEAD_FILES
template <class Receiver>
int serve_and_count(const serve_options& options, const Receiver& receiver) {
    const int code = serve(options, receiver, false);
    const file_receiver_statistics done = receiver.statistics();
    logger()->info("files: {} offered, {} stored, {} refused, {} failed; {} bytes", done.offered, done.stored,
                   done.refused, done.failed, done.bytes);
    return code;
}

// Before the process is confined. Null when none is asked for.
std::shared_ptr<audit_log> open_audit_log(serve_options& options) {
    if (options.audit_log.empty())
        return nullptr;
    const auto log = std::make_shared<audit_log>(options.audit_log);
    using clock = std::chrono::system_clock;
    options.server.on_refused = [log](const endpoint& from, std::string_view why) {
        log->write(refused_peer_entry(clock::now(), from, why));
    };
    file_receiver_options& files = options.files.receiver;
    files.on_stored = [log, directory = files.directory](const stored_file& file) {
        log->write(stored_entry(clock::now(), file, directory));
    };
    files.on_failed = [log, directory = files.directory](const failed_file& file) {
        log->write(failed_entry(clock::now(), file, directory));
    };
    return log;
}

// Files come over streams, and their protocol says how the stream is cut.
int serve_files(serve_options options, bool framing_given) {
    if (framing_given)
        throw std::invalid_argument{"--framing does not go with files: their protocol has its own; leave it out"};
    if (std::any_of(options.listen.begin(), options.listen.end(), is_of_datagrams))
        throw std::invalid_argument{"files cannot arrive as datagrams; listen at tcp://, tls:// or unix://"};
    constexpr std::size_t piece_and_frame = 64;
    if (options.max_message && *options.max_message < 64 * 1024)
        throw std::invalid_argument{"--max-message is too small for files; use 64KiB or more"};
    if (options.max_message)
        options.files.receiver.max_chunk =
            std::min(options.files.receiver.max_chunk, *options.max_message - piece_and_frame);
    options.framing = options.files.framed() ? "length" : "raw";
    const file_receiver_options settings = options.files.settings();
    if (options.files.framed())
        return serve_and_count(options, as_user(options.user, [&] { return file_receiver{settings}; }));
    const auto make_plain = [&] { return plain_file_receiver{settings, options.files.separator}; };
    return serve_and_count(options, as_user(options.user, make_plain));
}
#endif

CLI::Option* add_options(CLI::App& command, serve_options& options) {
    command
        .add_option("--listen", options.listen,
                    "where to listen: tcp://HOST:PORT, udp://HOST:PORT,\n"
                    "unix:///PATH or unix://@NAME, or TLS: tls://HOST:PORT or\n"
                    "tls+unix:///PATH; may be repeated; port 0 chooses a free port")
        ->type_name("URL")
        ->take_all()
        ->allow_extra_args(false)
        ->capture_default_str();
    add_adoption_option(command, options.adoptions);
    add_hand_over_option(command, options.hand_over);
    CLI::Option* const framing = add_framing(command, options.framing);
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
    add_size(command, "--max-message", options.max_message, "the largest message")
        ->default_str("1MiB, or 16KiB with line");
    add_limit_options(command, options.server);
    add_tls_options(command, options.tls);
    add_udp_options(command, options.udp);
    add_proxy_options(command, options.proxy);
    add_admin_options(command, options.admin);
    add_unix_options(command, options.server.unix_mode, options.server.unix_users);
    add_user_option(command, options.user);
#ifdef FAIRLEAD_FILES
    command
        .add_option("--audit-log", options.audit_log,
                    "append a line of JSON to this file for each file that is\nstored, refused or failed, and for each "
                    "refused connection")
        ->type_name("FILE");
#endif
    command.add_option("--log-level", options.log_level, "the least severe messages to log")
        ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
        ->type_name("LEVEL")
        ->capture_default_str();
    return framing;
}

// Without a help flag of its own its help is that of `serve`, which shows them all.
CLI::App* add_handler(CLI::App& serving, const std::string& name, const std::string& description) {
    CLI::App* const added = serving.add_subcommand(name, description);
    added->set_help_flag();
    return added;
}

} // namespace

subcommand add_serve(CLI::App& program) {
    const auto options = std::make_shared<serve_options>();
    CLI::App* const serving = program.add_subcommand("serve", "Answer messages until SIGINT or SIGTERM");
    serving->require_subcommand(0, 1)->fallthrough();
    const CLI::Option* const framing = add_options(*serving, *options);

    CLI::App* const echoing = add_handler(*serving, "echo", "Send each message back");
    echoing->add_option("--prefix", options->prefix, "text before each reply")->type_name("TEXT");
    CLI::App* const shouting =
        add_handler(*serving, "uppercase", "Send each message back in upper case (a-z become A-Z)");
    CLI::App* const replying = add_handler(*serving, "reply", "Answer each message with a text");
    replying->add_option("--text", options->text, "the answer; {message} is replaced by the received message")
        ->type_name("TEMPLATE")
        ->required();

#ifdef FAIRLEAD_FILES
    CLI::App* const receiving = add_handler(*serving, "files", "Receive files into a directory");
    add_file_options(*receiving, options->files);
#endif

    const auto serve_one = [=] {
#ifdef FAIRLEAD_FILES
        if (receiving->parsed())
            return serve_files(*options, framing->count() != 0);
#endif
        if (echoing->parsed())
            return answer(*options, echo(options->prefix), framing->count() != 0);
        if (shouting->parsed())
            return answer(*options, uppercase(), framing->count() != 0);
        if (replying->parsed())
            return answer(*options, reply(options->text), framing->count() != 0);
        throw std::invalid_argument{"the handler is missing"};
    };
    return {serving, [=] {
#ifdef FAIRLEAD_FILES
                const auto audit = open_audit_log(*options);
#endif
                listen_where_adopted(options->adoptions, serving->count("--listen") != 0, options->listen);
                give_up_rights(*options);
#ifdef FAIRLEAD_FILES
                if (audit)
                    audit->start();
                const int code = serve_one();
                if (audit)
                    audit->finish();
                return code;
#else
                return serve_one();
#endif
            }};
}

} // namespace fairlead::command
