#include "command.hpp"
#include "interruption.hpp"
#include "limit_options.hpp"
#include "options.hpp"
#include "output.hpp"
#include "quantity.hpp"
#include "start_advice.hpp"

#include "load/chart_file.hpp"
#include "load/load_options.hpp"
#include "load/load_run.hpp"
#include "load/percentile_chart.hpp"

#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/types.h>

namespace fairlead::command {

namespace {

void require_descriptors(std::size_t connections) {
    constexpr std::size_t others = 64; // for threads and files
    const std::size_t allowed = raise_descriptor_limit();
    if (allowed < connections + others)
        throw std::runtime_error{"the system gives this process " + std::to_string(allowed) +
                                 " descriptors, too few for " + std::to_string(connections) +
                                 " connections; see ulimit -n"};
}

void print([[maybe_unused]] const load_options& options, const load_plan& plan, const load_result& result) {
#ifdef FAIRLEAD_FILES
    const std::string report = options.json ? as_json(plan, result) + "\n" : table(plan, result);
#else
    const std::string report = table(plan, result);
#endif
    std::fwrite(report.data(), 1, report.size(), stdout);
    flush_output();
}

// Prints the number of errors of each kind, and the first one.
void tell_of_errors(const tally& counts) {
    for (std::size_t at = 0; at < load_errors; ++at) {
        const auto kind = static_cast<load_error>(at);
        if (counts.of(kind) != 0)
            std::cerr << "fairlead: " << count(counts.of(kind), name_of(kind), name_of(kind)) << "; "
                      << counts.first(kind) << '\n';
    }
}

// Returns the reason why no message was counted, although a connection was made.
std::string why_none(const load_plan& plan, const load_result& result) {
    const tally& counts = result.counts;
    const std::string none = "no message was answered in the measured time";
    if (result.interrupted)
        return none + ", which was interrupted";
    if (counts.replies != 0)
        return none + ", but " + std::to_string(counts.replies) +
               " outside of it: the server takes too long for this " + "load; measure for longer with --duration" +
               (plan.rate ? ", or choose a lower --rate" : "");
    if (counts.of(load_error::broken) != 0 && counts.of(load_error::timed_out) == 0)
        return none + ", and the server ended connections; its log may say why: does it take messages of " +
               to_text(plan.sizes) + " in framing " + plan.framing_name + "?";
    return none + "; does the server answer every message? This one does: " + serve_command(plan.targets.front());
}

void tell_of_unsent(const load_plan& plan, const tally& counts) {
    if (counts.unsent != 0)
        std::cerr << "fairlead: " << counts.unsent << " of " << count(counts.due, "message", "messages")
                  << " that were due could not be sent: the server does not keep up with --rate " << *plan.rate
                  << ", or --connections times --pipeline is too small for it\n";
}

// Prints errors and advice, and returns the exit code.
int judge(const load_plan& plan, const load_result& result) {
    const tally& counts = result.counts;
    tell_of_errors(counts);
    tell_of_unsent(plan, counts);
    const double cores = result.measured.count() > 0 ? result.processor / result.measured : 0;
    if ((!plan.rate || counts.unsent != 0) && cores > 0.95 * static_cast<double>(plan.threads))
        std::cerr << "fairlead: the load itself used all of its " << count(plan.threads, "thread", "threads")
                  << ": the server may be faster than this; --threads gives it more\n";
    if (counts.messages == 0) {
        std::cerr << "fairlead: " << why_none(plan, result) << '\n';
        return 1;
    }
    return counts.of(load_error::wrong) == 0 ? 0 : 1;
}

int load(const load_options& options, const load_plan& plan) {
    require_descriptors(plan.connections);
    std::optional<chart_file> chart;
    if (!options.histogram.empty())
        chart.emplace(options.histogram);
    const auto& interrupted = note_interruption();
    load_result result;
    {
        load_run running{plan, interrupted};
        std::signal(SIGPIPE, SIG_DFL); // Asio ignores it, and the reader of the output may leave
        result = running.run();
    }
    if (result.counts.connects == 0 && result.counts.of(load_error::connect) != 0)
        throw std::runtime_error{result.counts.first(load_error::connect) + result.counts.start_advice};
    print(options, plan, result);
    if (chart)
        chart->write(percentile_chart(result.counts.latency, headline(plan)));
    return judge(plan, result);
}

constexpr int most_processes = 1 << 22; // PID_MAX_LIMIT of Linux

void add_shape(CLI::App& loading, load_plan& plan) {
    add_count(loading, "--connections", plan.connections, "connections, or UDP sockets");
    add_count(loading, "--pipeline", plan.pipeline, "messages in flight on each connection");
    add_count(loading, "--churn", plan.churn,
              "messages after which a connection is closed gracefully and\nreplaced; 0: never");
    add_count(loading, "--threads", plan.threads, "threads, which share the connections");
    add_duration(loading, "--duration", plan.duration, "time to measure");
    add_duration(loading, "--warm-up", plan.warm_up, "time to run before that");
    add_duration(loading, "--ramp-up", plan.ramp_up,
                 "time before the warm-up in which connections are made and the\nrate grows");
    loading
        .add_option("--server-pid", plan.server_process,
                    "the process of the server on this machine; its use of the\nprocessor is measured too")
        ->check(CLI::Range(1, most_processes))
        ->type_name("PID");
    loading.add_flag("--check", plan.check, "compare every byte of every reply with its message");
}

} // namespace

subcommand add_load(CLI::App& program) {
    const auto options = std::make_shared<load_options>();
    CLI::App* const loading = program.add_subcommand("load", "Load a server with messages and measure its replies");
    loading
        ->add_option(
            "URL", options->urls,
            "servers that answer each message with one reply, such as\ntcp://127.0.0.1:9000, udp://127.0.0.1:9000,\n"
            "unix:///run/echo.sock or tls://127.0.0.1:9000; connections are\nspread over them")
        ->required();
    const CLI::Option* const framing = add_framing(*loading, options->framing);
    const CLI::Option* const size = loading
                                        ->add_option("--size", options->size,
                                                     "bytes in a message, or a range such as 64..1KiB, in which\n"
                                                     "all sizes are equally likely")
                                        ->type_name("SIZE")
                                        ->capture_default_str();
    const CLI::Option* const rate =
        add_count(*loading, "--rate", options->rate,
                  "messages a second in all, independent of the server; latency\nis then measured from the time when a "
                  "message is due.\nDefault: each reply starts the next message")
            ->default_str("");
    add_shape(*loading, options->plan);
    const CLI::Option* const timeout =
        add_duration(*loading, "--timeout", options->timeout, "for a reply")->default_str("5s, UDP 1s");
    add_client_tls(*loading, options->tls);
    refuse_empty(
        loading->add_option("--histogram", options->histogram, "write a picture of the latencies to this file (SVG)"))
        ->type_name("FILE");
#ifdef FAIRLEAD_FILES
    loading->add_flag("--json", options->json, "print one JSON object instead of the table");
#endif
    loading->footer(
        "Messages, rate and latency are those of the measured time; connects and errors those of the whole run.\n"
        "Ctrl-C ends the run early and prints the results so far. A broken connection is counted and replaced\n"
        "after a pause. A stream with an overdue reply is closed, because a late reply could be taken for the next.\n"
        "\n"
        "Exit code 1: no connection could be made, no message was answered, or --check found a wrong reply.\n"
        "\n"
        "Examples:\n"
        "  fairlead load tcp://127.0.0.1:9000 --connections 100 --duration 30s --check\n"
        "  fairlead load udp://127.0.0.1:9000 --rate 10000 --size 64..1KiB");
    return {loading, [=] {
                const given_options given{.framing = framing->count() != 0,
                                          .size = size->count() != 0,
                                          .rate = rate->count() != 0,
                                          .timeout = timeout->count() != 0};
                return load(*options, plan_of(*options, given));
            }};
}

} // namespace fairlead::command
