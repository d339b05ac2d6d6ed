#include "nats/nats_servers.hpp"

#include <fairlead/url.hpp>

#include <algorithm>
#include <stdexcept>

namespace fairlead {

namespace {

constexpr std::string_view default_port = ":4222";

bool has_port(std::string_view address) noexcept {
    const std::size_t colon = address.rfind(':');
    return colon != std::string_view::npos && address.find(']', colon) == std::string_view::npos;
}

nats_server parse_server(std::string_view text) {
    nats_server server;
    if (text.starts_with("tls://"))
        server.tls = true;
    else if (!text.starts_with("nats://"))
        throw std::invalid_argument{"a URL of NATS begins with nats:// or tls://, such as nats://127.0.0.1:4222"};
    if (std::any_of(text.begin(), text.end(), [](char each) { return each > 0 && each <= ' '; }))
        throw std::invalid_argument{"a URL of NATS has no spaces or control characters; write %20 for a space"};
    text.remove_prefix(text.find("//") + 2);
    if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
        server.user = text.substr(0, at + 1);
        text.remove_prefix(at + 1);
    }
    server.address = text.substr(0, text.find('/'));
    if (!has_port(server.address))
        server.address += default_port;
    try {
        if (url::parse("tcp://" + server.address).port == 0)
            throw std::invalid_argument{"port 0 stands for no server"};
    } catch (const std::invalid_argument& refused) {
        throw std::invalid_argument{"'" + server.address + "' is no server of NATS: " + refused.what()};
    }
    return server;
}

} // namespace

std::string nats_server::host() const {
    const std::string host = address.substr(0, address.rfind(':'));
    return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

std::vector<nats_server> parse_nats_servers(std::string_view urls) {
    std::vector<nats_server> servers;
    for (;;) {
        const std::size_t comma = urls.find(',');
        servers.push_back(parse_server(urls.substr(0, comma)));
        if (comma == std::string_view::npos)
            return servers;
        urls.remove_prefix(comma + 1);
    }
}

void nats_server_list::add(std::string_view url) {
    nats_server found;
    try {
        found = parse_server(url);
    } catch (const std::invalid_argument&) {
        return; // an invalid URL from a broker is ignored
    }
    found.user = servers_.front().user;
    found.tls = servers_.front().tls;
    const auto same = [&](const nats_server& each) { return each.address == found.address; };
    if (servers_.size() < most && std::none_of(servers_.begin(), servers_.end(), same))
        servers_.push_back(std::move(found));
}

} // namespace fairlead
