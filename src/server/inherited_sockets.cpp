#include "server/inherited_sockets.hpp"

#include "core/system_error.hpp"
#include "net/resolve.hpp"
#include "server/listen_error.hpp"
#include "server/socket_check.hpp"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <utility>

namespace fairlead {

void inherited_sockets::adopt(const url& at, passed_socket&& socket) {
    const auto addresses = resolve(at, resolve_for::listening);
    if (!addresses)
        refuse_to_listen(at, addresses.error(), "the address of a passed socket");
    const socket_facts found = look_at_socket(socket.descriptor());
    if (const std::string why = explain_misfit(found, at, *addresses); !why.empty())
        throw std::invalid_argument{"the passed socket '" + socket.name() + "' (descriptor " +
                                    std::to_string(socket.descriptor()) + ") cannot listen at " + at.to_string() +
                                    ": " + why};
    lent_socket taken{unique_descriptor{socket.release()}, socket_origin::passed, {}};
    const std::lock_guard lock{mutex_};
    sockets_.push_back({{.url = socket_name(at)}, std::move(taken)});
}

void inherited_sockets::take_over(const listener_name& of, lent_socket socket) {
    const std::lock_guard lock{mutex_};
    sockets_.push_back({of, std::move(socket)});
}

void inherited_sockets::take_over_keys(const std::string& url, std::string keys) {
    const std::lock_guard lock{mutex_};
    keys_.push_back({url, std::move(keys)});
}

std::string inherited_sockets::take_keys(const url& at) {
    const std::lock_guard lock{mutex_};
    const auto found = std::find_if(keys_.begin(), keys_.end(),
                                    [name = socket_name(at)](const kept_keys& each) { return each.url == name; });
    if (found == keys_.end())
        return {};
    std::string keys = std::move(found->keys);
    keys_.erase(found);
    return keys;
}

std::vector<lent_socket> inherited_sockets::take_next(const std::string& url, listens_for purpose) {
    const std::lock_guard lock{mutex_};
    const auto fits = [&url, purpose](const kept& each) {
        return each.of.url == url && (each.of.number == 0 || each.of.purpose == purpose);
    };
    const auto next = std::find_if(sockets_.begin(), sockets_.end(), fits);
    if (next == sockets_.end())
        return {};
    const auto taken =
        std::stable_partition(sockets_.begin(), sockets_.end(), [fits, number = next->of.number](const kept& each) {
            return !fits(each) || each.of.number != number;
        });
    std::vector<lent_socket> found;
    for (auto each = taken; each != sockets_.end(); ++each)
        found.push_back(std::move(each->socket));
    sockets_.erase(taken, sockets_.end());
    return found;
}

listen_socket inherited_sockets::prepare(const url& at, lent_socket from) const {
    const int socket = from.socket.get();
    const int flags = ::fcntl(socket, F_GETFL);
    if (flags < 0 || ::fcntl(socket, F_SETFL, flags | O_NONBLOCK) != 0 || ::fcntl(socket, F_SETFD, FD_CLOEXEC) != 0)
        refuse_to_listen(at, last_system_error(), "a socket that was passed");
    listen_socket ready;
    ready.local = look_at_socket(socket).local;
    ready.sharing = {from.origin, joint_};
    if (from.file && at.transport == transport::unix_stream && at.path.starts_with('/'))
        return {std::move(from.socket), ready.local, unix_socket_file::take_over(at, *from.file, ready.sharing),
                ready.sharing};
    ready.socket = std::move(from.socket);
    return ready;
}

std::vector<listen_socket> inherited_sockets::take(const url& at, listens_for purpose, const socket_options& options) {
    std::vector<listen_socket> ready;
    for (lent_socket& each : take_next(socket_name(at), purpose)) {
        ready.push_back(prepare(at, std::move(each)));
        const int socket = ready.back().socket.get();
        if (at.transport != transport::tcp)
            continue;
        if (const auto applied = set_options(socket, options); !applied)
            refuse_to_listen(at, applied.error(), "the options of a socket that was passed");
    }
    return ready;
}

std::vector<udp_listen_sockets> inherited_sockets::take_datagrams(const url& at, const udp_options& how) {
    std::vector<udp_listen_sockets> ready;
    for (lent_socket& each : take_next(at.to_string(), listens_for::sessions)) {
        listen_socket next = prepare(at, std::move(each));
        const auto group = std::find_if(ready.begin(), ready.end(), [&next](const udp_listen_sockets& sockets) {
            return sockets.front().local == next.local;
        });
        udp_listen_sockets& of_address = group == ready.end() ? ready.emplace_back() : *group;
        of_address.push_back(std::move(next));
    }
    for (udp_listen_sockets& each : ready)
        prepare_passed_udp_sockets(at, each, how);
    return ready;
}

std::vector<listen_socket> inherited_sockets::shared(std::vector<listen_socket> sockets) const {
    for (listen_socket& each : sockets) {
        each.sharing.joint = joint_;
        each.file.share(each.sharing);
    }
    return sockets;
}

void inherited_sockets::forget() noexcept {
    const std::lock_guard lock{mutex_};
    for (kept_keys& each : keys_)
        ::explicit_bzero(each.keys.data(), each.keys.size());
    keys_.clear();
    sockets_.clear();
}

std::vector<std::string> inherited_sockets::drop_rest() {
    std::vector<std::string> urls;
    std::vector<kept> rest;
    {
        const std::lock_guard lock{mutex_};
        rest.swap(sockets_);
    }
    for (const kept& each : rest) {
        if (each.socket.file)
            unix_socket_file::take_over(url::parse(each.of.url), *each.socket.file, {}).remove();
        if (std::find(urls.begin(), urls.end(), each.of.url) == urls.end())
            urls.push_back(each.of.url);
    }
    forget();
    return urls;
}

} // namespace fairlead
