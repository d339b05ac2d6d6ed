#include "same_sockets.hpp"

namespace fairlead::command {

bool have_the_same_sockets(const url& one, const url& other) {
    if (one.transport != other.transport || one.transport == transport::udp)
        return false;
    return one.transport == transport::unix_stream ? one.path == other.path
                                                   : one.host == other.host && one.port == other.port;
}

bool are_paths_of_one_port(const url& one, const url& other) {
    return one.websocket && other.websocket && one.tls == other.tls && have_the_same_sockets(one, other);
}

} // namespace fairlead::command
