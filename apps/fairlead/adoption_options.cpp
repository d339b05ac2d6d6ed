#include "adoption_options.hpp"

#include <fairlead/passed_socket.hpp>
#include <fairlead/url.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace fairlead::command {

namespace {

adoption read_adoption(const std::string& text) {
    const auto mark = text.find('=');
    if (mark == 0 || mark == std::string::npos)
        throw CLI::ValidationError{"--adopt", "'" + text +
                                                  "' names no socket and URL; write NAME=URL, such as "
                                                  "web=tcp://0.0.0.0:9000"};
    try {
        return {text.substr(0, mark), url::parse(text.substr(mark + 1)).to_string()};
    } catch (const std::invalid_argument& wrong) {
        throw CLI::ValidationError{"--adopt", wrong.what()};
    }
}

// Several sockets of one unit have one name; their addresses differ. Returns the reason why the socket fits
// no URL; empty if it fits one.
std::string adopt_one(server& server, const std::vector<adoption>& adoptions, passed_socket& socket,
                      std::vector<std::string>& taken) {
    std::string why;
    for (const adoption& each : adoptions) {
        if (each.name != socket.name())
            continue;
        try {
            server.adopt(each.url, std::move(socket));
            taken.push_back(each.name + "=" + each.url);
            return {};
        } catch (const std::invalid_argument& misfit) { // the socket is still ours
            why += (why.empty() ? "" : "; ") + std::string{misfit.what()};
        }
    }
    return why.empty() ? "there is no --adopt for the passed socket " + socket.to_string() + "; add --adopt " +
                             socket.name() + "=URL, or do not pass it"
                       : why;
}

} // namespace

void add_adoption_option(CLI::App& command, std::vector<adoption>& adoptions) {
    command
        .add_option_function<std::vector<std::string>>(
            "--adopt",
            [&adoptions](const std::vector<std::string>& texts) {
                for (const std::string& each : texts)
                    adoptions.push_back(read_adoption(each));
            },
            "listen at URL with the socket NAME that the service manager\nhas opened (LISTEN_FDNAMES; without a name "
            "it is 'unknown');\nmay be repeated")
        ->type_name("NAME=URL")
        ->take_all()
        ->allow_extra_args(false);
}

bool is_for(const adoption& one, const std::string& text) {
    url asked = url::parse(text);
    const url adopted = url::parse(one.url);
    if (asked.websocket && adopted.websocket)
        asked.path = adopted.path;
    return asked.to_string() == one.url;
}

void listen_where_adopted(const std::vector<adoption>& adoptions, bool asked, std::vector<std::string>& urls) {
    if (!adoptions.empty() && !asked)
        urls.clear();
    for (const adoption& each : adoptions) {
        const auto is_there = [&each](const std::string& text) { return is_for(each, text); };
        if (std::none_of(urls.begin(), urls.end(), is_there))
            urls.push_back(each.url);
    }
}

void adopt_sockets(server& server, const std::vector<adoption>& adoptions) {
    std::vector<passed_socket> passed = take_passed_sockets();
    if (passed.empty() && !adoptions.empty())
        throw std::runtime_error{"there is no socket to adopt: no service manager has passed any (LISTEN_FDS, "
                                 "LISTEN_PID); start by a socket unit or systemd-socket-activate, or use --listen"};
    std::string faults;
    const auto add = [&faults](const std::string& fault) { faults += (faults.empty() ? "" : "; ") + fault; };
    std::vector<std::string> taken;
    for (passed_socket& each : passed) {
        if (const std::string fault = adopt_one(server, adoptions, each, taken); !fault.empty())
            add(fault);
    }
    for (const adoption& each : adoptions) {
        const bool has_one = std::find(taken.begin(), taken.end(), each.name + "=" + each.url) != taken.end();
        if (faults.empty() && !has_one)
            add("no passed socket is called '" + each.name + "' and is for " + each.url);
    }
    if (!faults.empty())
        throw std::runtime_error{faults};
}

} // namespace fairlead::command
