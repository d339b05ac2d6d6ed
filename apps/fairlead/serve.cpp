#include "command.hpp"
#ifdef FAIRLEAD_FILES
#include "audit/audit_entry.hpp"
#include "audit/audit_log.hpp"
#endif
#include "config/reloader.hpp"
#include "config/serve_plan.hpp"
#include "hand_over_options.hpp"
#include "limit_options.hpp"
#include "output.hpp"
#include "process_rights.hpp"
#include "serve_checks.hpp"
#include "serve_handler.hpp"

#include <fairlead/logging.hpp>
#include <fairlead/server.hpp>
#include <fairlead/url.hpp>

#include <spdlog/logger.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::command {

namespace {

// A socket that is passed belongs to the listener of its URL, or to the only one.
void listen_where_adopted(serve_plan& plan) {
    const std::vector<adoption>& adoptions = plan.process->options.adoptions;
    if (plan.listeners.size() == 1)
        return listen_where_adopted(adoptions, plan.listeners.front()->has("listen"),
                                    plan.listeners.front()->options.listen);
    for (const adoption& each : adoptions) {
        const auto has_it = [&each](const auto& listener) {
            return std::ranges::any_of(listener->options.listen, [&each](const std::string& text) {
                return url::parse(text).to_string() == each.url;
            });
        };
        if (std::ranges::none_of(plan.listeners, has_it))
            throw std::invalid_argument{"--adopt " + each.name + "=" + each.url + ": no [[listen]] table of " +
                                        plan.path + " has this url; add one"};
    }
}

/// A URL, and the listener that serves there.
struct place {
    std::string url;
    const planned_listener* listener;
    handler answers;
};

// `[::]` takes IPv4 as well, unless `0.0.0.0` has the port already.
void put_all_of_ipv6_last(std::vector<place>& places) {
    std::stable_partition(places.begin(), places.end(),
                          [](const place& each) { return url::parse(each.url).host != "::"; });
}

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

endpoint open(server& server, const place& at, const std::optional<user_identity>& user) {
    const listener_options& options = at.listener->options;
    if (is_of_datagrams(at.url)) {
        udp_options udp = options.udp;
        udp.max_message = options.max_message.value_or(udp.max_message);
        return server.listen(at.url, at.answers, udp, options.limits);
    }
    listen_options how{.limits = options.limits, .proxy = options.proxy};
    const bool secure = url::parse(at.url).tls;
    if (secure)
        how.tls = options.tls.settings(options.listen);
    const auto listen = [&] { return server.listen(at.url, framing_of(*at.listener), at.answers, how); };
    if (!socket_directory(at.url))
        return listen();
    return as_user(user, [&] {
        if (secure)
            require_readable(options.tls.files());
        return listen();
    });
}

int serve(const serve_plan& plan, const command_line& given) {
    const process_options& process = plan.process->options;
    shared_by_handlers shared; // outlives the server, and so do the handlers
    std::vector<serve_handler> handlers;
    std::vector<place> places;
    for (const auto& each : plan.listeners) {
        handlers.push_back(make_handler(*each, process.user, shared));
        for (const std::string& url : each->options.listen)
            places.push_back({url, each.get(), handlers.back().answers});
    }
    put_all_of_ipv6_last(places);
    raise_descriptor_limit();
    server_options settings = process.server;
    settings.limits = plan.listeners.front()->options.limits;
    settings.on_listening = [](const endpoint& address) { print_line("listening " + address.to_string()); };
    settings.notify_service_manager = true;
    reloader again{given, plan};
    fairlead::server* running = nullptr;
    settings.on_reload = [&] { return again.reload(*running); };
    server server{std::move(settings)};
    running = &server;
    for (const serve_handler& each : handlers)
        each.count_in(server.metrics());
    adopt_sockets(server, process.adoptions);
    take_over_sockets(server, process.hand_over, process.user);
    for (const place& each : places)
        again.add(open(server, each, process.user), *each.listener);
    offer_sockets(server, process.hand_over, process.user);
    open_admin(server, process.admin, process.user);
    if (process.user)
        become(*process.user);
    const int code = server.run();
    for (const serve_handler& each : handlers)
        each.log_counts();
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
    for (const auto& each : plan.listeners) {
        file_receiver_options& files = each->options.files.receiver;
        files.on_stored = [log, directory = files.directory](const stored_file& file) {
            log->write(stored_entry(clock::now(), file, directory));
        };
        files.on_failed = [log, directory = files.directory](const failed_file& file) {
            log->write(failed_entry(clock::now(), file, directory));
        };
    }
    return log;
}
#endif

int serve_and_audit(serve_plan plan, const command_line& given) {
#ifdef FAIRLEAD_FILES
    const auto audit = open_audit_log(plan);
    give_up_rights(plan);
    if (audit)
        audit->start();
    const int code = serve(plan, given);
    if (audit)
        audit->finish();
    return code;
#else
    give_up_rights(plan);
    return serve(plan, given);
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
