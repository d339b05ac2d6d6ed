#include "admin_options.hpp"

#include "options.hpp"
#include "output.hpp"
#include "process_rights.hpp"

#include <stdexcept>

namespace fairlead::command {

std::vector<std::string> admin_settings::files() const {
    return options.token_file.empty() ? std::vector<std::string>{} : std::vector{options.token_file};
}

void add_admin_options(CLI::App& command, admin_settings& admin) {
    refuse_empty(
        command.add_option("--admin", admin.urls,
                           "answer HTTP there about this server: live page, metrics,\nhealth; tcp://HOST:PORT or "
                           "unix:///PATH; may be repeated"))
        ->type_name("URL")
        ->take_all()
        ->allow_extra_args(false);
    refuse_empty(
        command.add_option("--admin-token", admin.options.token_file,
                           "a file with the secret that lets requests over TCP stop the\nserver and close connections"))
        ->type_name("FILE");
    add_mode(command, "--admin-unix-mode", admin.options.unix_mode,
             "permissions of the file of --admin unix:///PATH; write permission\nlets a user ask, stop the server and "
             "close connections");
    refuse_empty(command.add_option("--admin-host", admin.options.host_names,
                                    "a name of this machine by which browsers reach --admin; may\nbe repeated"))
        ->type_name("NAME")
        ->take_all()
        ->allow_extra_args(false);
}

void open_admin(server& server, const admin_settings& admin, const std::optional<user_identity>& user) {
    if (admin.urls.empty() && (!admin.options.token_file.empty() || !admin.options.host_names.empty()))
        throw std::invalid_argument{"--admin-token and --admin-host are for the admin endpoint; add --admin "
                                    "tcp://127.0.0.1:9901, or leave them out"};
    for (const std::string& each : admin.urls) {
        admin_options options = admin.options;
        endpoint opened;
        if (socket_directory(each)) {
            options.token_file.clear(); // not needed there, and `user` may not be able to read it
            opened = as_user(user, [&] { return server.admin(each, options); });
        } else {
            opened = server.admin(each, options);
        }
        print_line("admin " + opened.to_string());
    }
}

} // namespace fairlead::command
