#include "unix_options.hpp"

#include "options.hpp"

#include <stdexcept>
#include <string>

namespace fairlead::command {

namespace {

// Wrong usage, told with the option's name.
template <class Work>
void explained(const char* option, Work work) {
    try {
        work();
    } catch (const std::invalid_argument& wrong) {
        throw CLI::ValidationError{option, wrong.what()};
    }
}

} // namespace

void add_unix_options(CLI::App& command, ::mode_t& mode, std::vector<::uid_t>& users) {
    add_mode(command, "--unix-mode", mode,
             "permissions of the file of a Unix socket; write permission\nlets a user connect");
    command
        .add_option_function<std::vector<std::string>>(
            "--unix-user",
            [&users](const std::vector<std::string>& texts) {
                for (const std::string& each : texts)
                    explained("--unix-user", [&] { users.push_back(parse_user(each)); });
            },
            "a user that Unix sockets serve, by name or number; may be\n"
            "repeated; default: all users that may connect")
        ->type_name("USER")
        ->take_all()
        ->allow_extra_args(false);
}

void add_user_option(CLI::App& command, std::optional<user_identity>& user) {
    command
        .add_option_function<std::string>(
            "--user", [&user](const std::string& text) { explained("--user", [&] { user = find_user(text); }); },
            "the user to run as after the sockets are open, for root; name\nor number, also of the group")
        ->type_name("NAME[:GROUP]");
}

} // namespace fairlead::command
