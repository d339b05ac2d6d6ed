#include "unix_options.hpp"

#include "options.hpp"

#include <cerrno>
#include <charconv>
#include <limits>
#include <pwd.h>
#include <stdexcept>
#include <string>
#include <system_error>

namespace fairlead::command {

namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

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

::uid_t parse_user(std::string_view text) {
    constexpr ::uid_t nobody_at_all = std::numeric_limits<::uid_t>::max(); // what calls take for "unchanged"
    ::uid_t user = 0;
    if (is_number(text)) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), user);
        if (error != std::errc{} || user == nobody_at_all)
            throw std::invalid_argument{"'" + std::string{text} + "' is too large for the number of a user"};
        return user;
    }
    const std::string name{text};
    std::string room(1024, '\0');
    ::passwd entry{};
    ::passwd* found = nullptr;
    int failed = 0;
    while ((failed = ::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found)) == ERANGE)
        room.resize(room.size() * 2);
    if (!found)
        throw std::invalid_argument{"there is no user '" + name + "' here" +
                                    (failed ? " (" + std::system_category().message(failed) + ")" : "") +
                                    "; write a name that the system knows, or the user's number, such as 1000"};
    return found->pw_uid;
}

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

} // namespace fairlead::command
