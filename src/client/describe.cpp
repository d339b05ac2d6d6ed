#include <fairlead/connect.hpp>

#include "core/system_error.hpp"
#include "net/resolve.hpp"

#include <cerrno>
#include <netdb.h>

namespace fairlead {

namespace {

std::string place(url url) {
    if (url.websocket)
        url.path.clear();
    const std::string text = url.to_string();
    return text.substr(text.find("://") + 3);
}

std::string explain_name(const url& url, const error_code& why) {
    switch (why.value()) {
    case EAI_NONAME:
    case EAI_NODATA: return "no such host: " + url.host + " has no address; is the name spelt right?";
    case EAI_AGAIN: return "no name server knows " + url.host + " just now; is there a network?";
    default: return "the name " + url.host + " cannot be looked up: " + why.message();
    }
}

std::string explain_silence(const url& url, const char* when) {
    return "no answer from " + place(url) + when + "; is the address right, or a firewall between?";
}

std::string explain_full(const url& url) {
    return "no room in time: as many wait for the server on " + place(url) + " as its backlog holds; is it stuck?";
}

std::string explain_unix(const url& url, int why) {
    switch (why) {
    case ENOENT: return "no such file: nothing is listening on " + place(url);
    case EACCES: return "permission denied: the permissions of " + place(url) + " or its directory keep this user out";
    case EPROTOTYPE: return place(url) + " is a Unix socket, but not one for streams";
    default: return {};
    }
}

std::string explain_tcp(const url& url, int why) {
    switch (why) {
    case ETIMEDOUT: return explain_silence(url, "");
    case ENODEV: return "no way to " + place(url) + ": there is no such network interface here";
    case ECONNRESET: return "the connection was reset by " + place(url) + " before it was complete";
    case ENETUNREACH:
    case EHOSTUNREACH: return "no way to " + place(url) + ": " + system_code(why).message();
    default: return {};
    }
}

} // namespace

std::string describe(const url& url, const error_code& why) {
    const bool local = url.transport == transport::unix_stream;
    if (why.category() == resolver_category())
        return explain_name(url, why);
    if (why == errc::connect_timeout && url.transport == transport::udp)
        return "no name server told in time which address " + url.host + " has; is there a network?";
    if (why == errc::connect_timeout)
        return local
                   ? explain_full(url)
                   : explain_silence(url, " in time") + (resolve_literal(url) ? "" : " Or does no name server answer?");
    if (why.category() == tls_category() || why.category() == tls_alert_category() ||
        why.category() == certificate_category())
        return "no TLS with " + place(url) + ": " + why.message();
    if (why.category() != boost::system::system_category())
        return why.message();
    if (why.value() == ECONNREFUSED)
        return "connection refused: nothing is listening on " + place(url);
    const std::string known = local ? explain_unix(url, why.value()) : explain_tcp(url, why.value());
    return known.empty() ? why.message() : known;
}

} // namespace fairlead
