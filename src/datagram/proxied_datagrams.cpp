#include "datagram/proxied_datagrams.hpp"

#include "log/log.hpp"
#include "proxy/proxied_peer.hpp"
#include "proxy/proxy_header.hpp"

#include <string>
#include <sys/socket.h>

namespace fairlead {

void proxied_datagrams::on_datagram(bytes_view bytes, const datagram_path& path) {
    const endpoint proxy = path.remote_endpoint();
    if (!is_trusted(options_, proxy))
        return drop(proxy, counters_.dropped_for_proxy, "it is not from one of the trusted proxies (--proxy-from)");
    const proxy_progress read = read_proxy_header(bytes, proxy_carrier::datagram);
    if (read.state != proxy_state::whole)
        return drop(proxy, counters_.dropped_for_proxy, read.fault);
    if (read.header.connection && read.header.connection->source.family() == AF_UNIX)
        return drop(proxy, counters_.dropped_for_proxy, "the PROXY header is for another transport");
    const bytes_view message = bytes.from(read.header.size);
    if (message.size() > max_message_)
        return drop(proxy, counters_.dropped_too_large,
                    "its message has " + std::to_string(message.size()) + " bytes, and max_message is " +
                        std::to_string(max_message_));
    datagram_path announced = path;
    announced.proxied = std::make_shared<const proxied_peer>(announced_peer(read.header, proxy));
    behind_->on_datagram(message, announced);
}

void proxied_datagrams::drop(const endpoint& from, counter& counted, std::string_view why) {
    counted.add();
    log_warning(log_topic::message_dropped, "a datagram from " + from.to_string() + " was dropped: " + std::string{why},
                {.peer = from.to_string()});
}

} // namespace fairlead
