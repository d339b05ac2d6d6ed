// A service over UDP with a binary protocol: it answers questions of the DNS for a table of names. A codec (dns.hpp) stands
// between datagrams and values; a datagram that it refuses is dropped and counted.
//
//     $ 15_dns &
//     $ dig -p 9053 @127.0.0.1 mail.example.test A +short
//     192.0.2.25

#include "dns.hpp"

#include <fairlead/server.hpp>
#include <fairlead/typed.hpp>

#include <iostream>
#include <map>
#include <string>

const std::map<std::string, dns::address> addresses{
    {"www.example.test", {192, 0, 2, 80}},
    {"mail.example.test", {192, 0, 2, 25}},
};

void answer(const dns::message& query, fairlead::typed_peer<dns::codec>& from) {
    dns::message reply = query;
    if (query.outcome == dns::rcode::no_error) {
        const auto known = addresses.find(query.question->name);
        if (known == addresses.end())
            reply.outcome = dns::rcode::name_error;
        else if (query.question->asks_for_address())
            reply.address = known->second;
    }
    from.send(reply);
}

int main(int argc, char** argv) {
    fairlead::server server;
    const auto handler = fairlead::typed(dns::codec{}, answer);
    const auto address = server.listen(argc > 1 ? argv[1] : "udp://127.0.0.1:9053", handler);
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
