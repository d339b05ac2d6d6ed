#include "proxy_options.hpp"

#include "options.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::command {

namespace {

// Wrong usage, told with the option's name.
address_range read_range(const std::string& text) {
    try {
        return address_range::parse(text);
    } catch (const std::invalid_argument& wrong) {
        throw CLI::ValidationError{"--proxy-from", wrong.what()};
    }
}

} // namespace

void add_proxy_options(CLI::App& command, proxy_server_options& proxy) {
    command
        .add_option_function<std::vector<std::string>>(
            "--proxy-from",
            [&proxy](const std::vector<std::string>& texts) {
                for (const std::string& each : texts)
                    proxy.trusted.push_back(read_range(each));
            },
            "serve proxies at these addresses alone: each connection and\neach datagram begins with a PROXY header "
            "(version 1 or 2, over\nUDP 2), which has the address of the client; unix: is each\npeer on a Unix socket")
        ->type_name("CIDR[,CIDR]")
        ->delimiter(',')
        ->take_all()
        ->allow_extra_args(false);
    add_duration(command, "--proxy-header-timeout", proxy.header_timeout,
                 "from the connection of a proxy to the end of its header;\n0: no limit");
}

} // namespace fairlead::command
