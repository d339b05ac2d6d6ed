#include "command.hpp"
#include "config/adopted_urls.hpp"
#include "config/serve_plan.hpp"
#include "options.hpp"
#include "output.hpp"
#include "process_record.hpp"
#include "serve_checks.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace fairlead::command {

namespace {

/// A process that stays the same one though its number is given to another.
class process_handle {
public:
    explicit process_handle(::pid_t pid) : descriptor_{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))} {
        if (descriptor_ < 0)
            fail("cannot open process " + std::to_string(pid));
    }
    process_handle(const process_handle&) = delete;
    process_handle& operator=(const process_handle&) = delete;
    ~process_handle() { ::close(descriptor_); }

    void signal(int number) const {
        if (::syscall(SYS_pidfd_send_signal, descriptor_, number, nullptr, 0) != 0)
            fail("cannot send the signal");
    }

private:
    [[noreturn]] static void fail(const std::string& fault) {
        throw std::runtime_error{fault + ": " + std::system_category().message(errno)};
    }

    int descriptor_;
};

void require_reload(const process_record& found, const std::string& number) {
    using enum process_record::hangup;
    if (found.on_hangup == stops_for_terminal)
        throw std::runtime_error{"process " + number +
                                 " runs on a terminal, where SIGHUP stops a server, and it was not asked; "
                                 "start it without one, such as by systemd or setsid"};
    if (found.on_hangup == is_ignored)
        throw std::runtime_error{"process " + number +
                                 " ignores SIGHUP, as nohup makes it, and it was not asked; start it by "
                                 "setsid in place of nohup"};
}

// Finds its faults before the server does, and with their places on this terminal. It reads the file where the server does.
void check_configuration(const process_record& found, const std::string& number) {
    CLI::App program{"", "fairlead"};
    const subcommand serving = add_serve(program);
    auto arguments = found.arguments;
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
    program.parse(arguments);
    if (::chdir(("/proc/" + number + "/cwd").c_str()) != 0)
        throw std::runtime_error{"cannot enter the directory of process " + number + ": " +
                                 std::system_category().message(errno)};
    command_line given = collect(*serving.syntax);
    if (const CLI::Option* const config = serving.syntax->get_option("--config"); config->count() != 0)
        given.config = config->results().front();
    serve_plan next = make_plan(given);
    check(next, check_depth::files);
    listen_where_adopted(next);
}

} // namespace

subcommand add_reload(CLI::App& program) {
    const auto pid = std::make_shared<std::size_t>(0);
    CLI::App* const reloading =
        program.add_subcommand("reload", "Make a server read its configuration and certificates again");
    add_count(*reloading, "PID", *pid, "the number of the process of fairlead serve")->required()->default_str("");
    reloading->footer("Exit codes: 0 the server was asked, and its log has the outcome; 1 it was not asked; 2 the\n"
                      "configuration is wrong, and it was not asked.");
    return {reloading, [=] {
                const std::string number = std::to_string(*pid);
                const process_handle process{static_cast<::pid_t>(*pid)};
                const process_record found = process_record::read(static_cast<::pid_t>(*pid));
                require_reload(found, number);
                check_configuration(found, number);
                process.signal(SIGHUP);
                std::printf("asked process %s to read its configuration again; its log has the outcome\n",
                            number.c_str());
                flush_output();
                return 0;
            }};
}

} // namespace fairlead::command
