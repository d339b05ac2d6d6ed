#include "hand_over_options.hpp"

#include "process_rights.hpp"

#include <fairlead/url.hpp>

#include <stdexcept>

namespace fairlead::command {

void add_hand_over_option(CLI::App& command, std::string& address) {
    command
        .add_option("--hand-over", address,
                    "take the listening sockets of the process that runs with\nthis option, which then stops; and hand "
                    "them to the next one\nthat is started with it")
        ->check([](const std::string& text) -> std::string {
            if (socket_directory(text) && !url::parse(text).tls)
                return {};
            return "'" + text + "' is no path of a Unix socket; write one such as unix:///run/fairlead.sock";
        })
        ->type_name("URL");
}

void take_over_sockets(server& server, const std::string& address, const std::optional<user_identity>& user) {
    if (!address.empty())
        as_user(user, [&] { return server.take_over(address); });
}

void offer_sockets(server& server, const std::string& address, const std::optional<user_identity>& user) {
    if (address.empty())
        return;
    as_user(user, [&] {
        server.hand_over(address);
        return true;
    });
}

} // namespace fairlead::command
