#include "command.hpp"
#ifdef FAIRLEAD_FILES
#include "audit/audit_entry.hpp"
#include "audit/audit_log.hpp"
#endif
#include "config/adopted_urls.hpp"
#include "config/reloader.hpp"
#include "config/serve_plan.hpp"
#include "hand_over_options.hpp"
#include "limit_options.hpp"
#include "listen_places.hpp"
#include "output.hpp"
#include "process_rights.hpp"
#include "serve_checks.hpp"
#include "traffic_line.hpp"

#include <fairlead/logging.hpp>
#include <fairlead/server.hpp>

#include <boost/asio/awaitable.hpp>

#include <spdlog/logger.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace fairlead::command {

namespace {

void give_up_rights(const serve_plan& plan) {
    const process_options& process = plan.process->options;
    needed_rights needed{.user = process.user};
    if (!plan.path.empty())
        needed.files.push_back(plan.path);
    for (const auto& each : plan.listeners) {
        const listener_options& options = each->options;
        needed.urls.insert(needed.urls.end(), options.listen.begin(), options.listen.end());
        const auto files = options.tls.files();
        needed.files.insert(needed.files.end(), files.begin(), files.end());
        const auto files_of_relay = options.relay.tls.files();
        needed.files.insert(needed.files.end(), files_of_relay.begin(), files_of_relay.end());
        const auto files_of_broker = options.broker.files();
        needed.files.insert(needed.files.end(), files_of_broker.begin(), files_of_broker.end());
        if (!options.web.rest.files.empty())
            needed.served.push_back(options.web.rest.files);
#ifdef FAIRLEAD_FILES
        if (each->handler == "files")
            needed.directories.push_back(options.files.receiver.directory);
#endif
    }
    needed.urls.insert(needed.urls.end(), process.admin.urls.begin(), process.admin.urls.end());
    if (!process.hand_over.empty())
        needed.urls.push_back(process.hand_over);
    const auto files = process.admin.files();
    needed.files.insert(needed.files.end(), files.begin(), files.end());
    const auto why_not = confine_process(needed);
    process.log.apply();
    if (why_not)
        logger()->debug("access to files is not confined: {}", *why_not);
}

// Echoes and files have replies to look at; these pass or drop bytes.
bool moves_bytes(const serve_plan& plan) {
    return std::ranges::any_of(plan.listeners, [](const auto& each) {
        return each->handler == "relay" || each->handler == "sink" || each->handler == "source";
    });
}

boost::asio::awaitable<void> show_traffic(shard& here, const server& serving) {
    if (here.index() != 0)
        co_return; // it shows that of all
    constexpr std::chrono::milliseconds pause{500};
    traffic_line line;
    auto show = [&] { set_status_line(line.next(shard::clock::now(), serving.statistics())); };
    co_await here.every(pause, show);
}

int serve(const serve_plan& plan, const command_line& given, listen_places::preparation prepare) {
    const process_options& process = plan.process->options;
    listen_places places{std::move(prepare)}; // its handlers outlive the server
    for (const auto& each : plan.listeners)
        places.add(each, process.user);
    raise_descriptor_limit();
    server_options settings = process.server;
    settings.limits = plan.listeners.front()->options.limits;
    settings.notify_service_manager = true;
    reloader again{given, plan, places};
    fairlead::server* running = nullptr;
    settings.on_listening = [&](const endpoint& address) {
        for (const std::string& each : running->urls(address))
            print_line("listening " + each);
    };
    settings.on_reload = [&] { return again.reload(*running); };
    if (moves_bytes(plan) && ::isatty(STDERR_FILENO) == 1)
        settings.on_start = [&](shard& here) { return show_traffic(here, *running); };
    server server{std::move(settings)};
    running = &server;
    adopt_sockets(server, process.adoptions);
    take_over_sockets(server, process.hand_over, process.user);
    places.open(server, process.user);
    places.commit(server);
    offer_sockets(server, process.hand_over, process.user);
    open_admin(server, process.admin, process.user);
    if (process.user)
        become(*process.user);
    const int code = server.run();
    set_status_line({});
    places.end();
    return code;
}

#ifdef FAIRLEAD_FILES
// Before the process is confined. Null when none is asked for.
std::shared_ptr<audit_log> open_audit_log(serve_plan& plan) {
    process_options& process = plan.process->options;
    if (process.audit_log.empty())
        return nullptr;
    const auto log = std::make_shared<audit_log>(process.audit_log);
    using clock = std::chrono::system_clock;
    process.server.on_refused = [log](const endpoint& from, std::string_view why) {
        log->write(refused_peer_entry(clock::now(), from, why));
    };
    return log;
}

void audit_files(const std::shared_ptr<audit_log>& log, planned_listener& listener) {
    using clock = std::chrono::system_clock;
    file_receiver_options& files = listener.options.files.receiver;
    files.on_stored = [log, directory = files.directory](const stored_file& file) {
        log->write(stored_entry(clock::now(), file, directory));
    };
    files.on_failed = [log, directory = files.directory](const failed_file& file) {
        log->write(failed_entry(clock::now(), file, directory));
    };
}
#endif

int serve_and_audit(serve_plan plan, const command_line& given) {
#ifdef FAIRLEAD_FILES
    const auto audit = open_audit_log(plan);
    give_up_rights(plan);
    if (audit)
        audit->start();
    const int code = serve(plan, given, [audit](planned_listener& listener) {
        if (audit)
            audit_files(audit, listener);
    });
    if (audit)
        audit->finish();
    return code;
#else
    give_up_rights(plan);
    return serve(plan, given, [](planned_listener&) {});
#endif
}

} // namespace

subcommand add_serve(CLI::App& program) {
    struct all_options { // for the command line alone
        process_options process;
        listener_options listener;
        std::string config;
    };
    const auto options = std::make_shared<all_options>();
    CLI::App* const serving = program.add_subcommand("serve", "Answer messages until SIGINT or SIGTERM");
    serving->require_subcommand(0, 1)->fallthrough();
    const CLI::Option* const config =
        serving
            ->add_option("--config", options->config,
                         "read options from this file of TOML, also several listeners;\nthose on the command line win: "
                         "docs/configuration.md")
            ->type_name("FILE")
            ->configurable(false);
    add_listener_options(*serving, options->listener);
    add_process_options(*serving, options->process);
    serving->footer(serving->get_footer() +
                    "\n\n"
                    "Examples:\n"
                    "  fairlead serve echo --framing line --listen tcp://127.0.0.1:9000\n"
                    "  fairlead serve reply --text 'you said {message}' --listen udp://127.0.0.1:9000"
#ifdef FAIRLEAD_FILES
                    "\n  fairlead serve files --directory incoming --listen unix:///run/user/1000/files.sock"
#endif
    );
    return {serving, [=] {
                command_line given = collect(*serving);
                if (config->count() != 0)
                    given.config = options->config;
                serve_plan plan = make_plan(given);
                check(plan, check_depth::options);
                listen_where_adopted(plan);
                return serve_and_audit(std::move(plan), given);
            }};
}

} // namespace fairlead::command
