#include "start_advice.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace fairlead::command {

namespace {

bool is_on_this_machine(const url& address) {
    if (address.transport == transport::unix_stream || address.host == "localhost")
        return true;
    ::in_addr four{};
    ::in6_addr six{};
    if (::inet_pton(AF_INET, address.host.c_str(), &four) == 1)
        return (ntohl(four.s_addr) >> IN_CLASSA_NSHIFT) == IN_LOOPBACKNET;
    return ::inet_pton(AF_INET6, address.host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

bool nobody_listens(const url& address, const error_code& why) {
    namespace errc = boost::system::errc;
    return why == errc::connection_refused ||
           (address.transport == transport::unix_stream && why == errc::no_such_file_or_directory);
}

} // namespace

std::string serve_command(const url& address) {
    return "fairlead serve echo --listen " + address.to_string() +
           (address.tls ? " --tls-certificate FILE --tls-key FILE" : "");
}

std::string start_advice(const url& address, const error_code& why) {
    if (!nobody_listens(address, why) || !is_on_this_machine(address))
        return "";
    return "; start one with: " + serve_command(address);
}

} // namespace fairlead::command
