#include <fairlead/connect.hpp>

#include "core/system_error.hpp"
#include "net/resolve.hpp"

#include <cerrno>
#include <netdb.h>

namespace fairlead {

namespace {

std::string place(const url& where) {
    const std::string text = where.to_string();
    return text.substr(text.find("://") + 3);
}

std::string explain_name(const url& where, const error_code& why) {
    switch (why.value()) {
    case EAI_NONAME:
    case EAI_NODATA: return "no such host: " + where.host + " has no address; is the name spelt right?";
    case EAI_AGAIN: return "no name server knows " + where.host + " just now; is there a network?";
    default: return "the name " + where.host + " cannot be looked up: " + why.message();
    }
}

std::string explain_silence(const url& where, const char* when) {
    return "no answer from " + place(where) + when + "; is the address right, or a firewall between?";
}

std::string explain_full(const url& where) {
    return "no room in time: as many wait for the server on " + place(where) + " as its backlog holds; is it stuck?";
}

std::string explain_unix(const url& where, int why) {
    switch (why) {
    case ENOENT: return "no such file: nothing is listening on " + place(where);
    case EACCES:
        return "permission denied: the permissions of " + place(where) + " or its directory keep this user out";
    case EPROTOTYPE: return place(where) + " is a Unix socket, but not one for streams";
    default: return {};
    }
}

std::string explain_tcp(const url& where, int why) {
    switch (why) {
    case ETIMEDOUT: return explain_silence(where, "");
    case ENODEV: return "no way to " + place(where) + ": there is no such network interface here";
    case ECONNRESET: return "the connection was reset by " + place(where) + " before it was complete";
    case ENETUNREACH:
    case EHOSTUNREACH: return "no way to " + place(where) + ": " + system_code(why).message();
    default: return {};
    }
}

} // namespace

std::string describe(const url& where, const error_code& why) {
    const bool local = where.transport == transport::unix_stream;
    if (why.category() == resolver_category())
        return explain_name(where, why);
    if (why == errc::connect_timeout && where.transport == transport::udp)
        return "no name server told in time which address " + where.host + " has; is there a network?";
    if (why == errc::connect_timeout)
        return local ? explain_full(where)
                     : explain_silence(where, " in time") +
                           (resolve_literal(where) ? "" : " Or does no name server answer?");
    if (why.category() != boost::system::system_category())
        return why.message();
    if (why.value() == ECONNREFUSED)
        return "connection refused: nothing is listening on " + place(where);
    const std::string known = local ? explain_unix(where, why.value()) : explain_tcp(where, why.value());
    return known.empty() ? why.message() : known;
}

} // namespace fairlead
