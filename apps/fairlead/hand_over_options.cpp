#include "hand_over_options.hpp"

#include "process_rights.hpp"

#include <fairlead/url.hpp>

#include <stdexcept>

namespace fairlead::command {

void add_hand_over_option(CLI::App& command, std::string& where) {
    command
        .add_option("--hand-over", where,
                    "take the listening sockets of the process that runs with\nthis option, which then stops; and hand "
                    "them to the next one\nthat is started with it")
        ->check([](const std::string& text) -> std::string {
            if (socket_directory(text) && !url::parse(text).tls)
                return {};
            return "'" + text + "' is no path of a Unix socket; write one such as unix:///run/fairlead.sock";
        })
        ->type_name("URL");
}

void take_over_sockets(server& server, const std::string& where, const std::optional<user_identity>& user) {
    if (!where.empty())
        as_user(user, [&] { return server.take_over(where); });
}

void offer_sockets(server& server, const std::string& where, const std::optional<user_identity>& user) {
    if (where.empty())
        return;
    as_user(user, [&] {
        server.hand_over(where);
        return true;
    });
}

} // namespace fairlead::command
