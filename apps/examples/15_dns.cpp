// A service over UDP with a binary protocol: it answers questions of the DNS (RFC 1035) for a table of names.
//
//     $ 15_dns &
//     $ dig -p 9053 @127.0.0.1 mail.example.test A +short
//     192.0.2.25
//
// A query, and the reply, which repeats the header and the question (numbers are big-endian):
//
//     | id | flags | 1 question | 0 answers | 0 | … |  4 m a i l  7 e x a m p l e  4 t e s t  0 | type | class |
//       2     2         2             2       2   2     the name, each label with its length       2       2
//     answer:  | C0 0C: the name at byte 12 | type A | class IN | 300 seconds | 4 bytes follow | 192 0 2 25 |

#include <fairlead/handler.hpp>
#include <fairlead/server.hpp>

#include <iostream>
#include <map>
#include <optional>
#include <string>

using namespace std::literals;

const std::map<std::string, std::string> addresses{
    {"www.example.test", "\xC0\x00\x02\x50"s},
    {"mail.example.test", "\xC0\x00\x02\x19"s},
};

enum class rcode : char { no_error = 0, format_error = 1, name_error = 3, not_implemented = 4 };

struct question {
    std::string name; // in small letters, which names are compared in
    std::string type_and_class;
    std::size_t end = 0; // behind it in the query
};

std::optional<question> parse(fairlead::bytes_view query) {
    question found;
    std::size_t at = 12;
    for (; at < query.size() && query[at] != 0; at += 1u + query[at]) {
        if (query[at] > 63 || at + query[at] >= query.size())
            return {}; // no label, or it is cut off
        for (const unsigned char each : query.from(at + 1).first(query[at]))
            found.name += static_cast<char>(each >= 'A' && each <= 'Z' ? each + 32 : each);
        found.name += '.';
    }
    found.type_and_class = to_string(query.from(at + 1).first(4));
    found.end = at + 5;
    if (found.name.empty() || found.end > query.size())
        return {};
    found.name.pop_back();
    return found;
}

void answer(fairlead::bytes_view query, fairlead::peer& from) {
    if (query.size() < 12 || (query[2] & 0x80) != 0)
        return; // no header, or a reply: answering that could begin a loop
    const auto asked = query[4] == 0 && query[5] == 1 ? parse(query) : std::nullopt;
    const auto known = asked ? addresses.find(asked->name) : addresses.end();
    const rcode outcome = (query[2] & 0x78) != 0     ? rcode::not_implemented
                          : !asked                   ? rcode::format_error
                          : known == addresses.end() ? rcode::name_error
                                                     : rcode::no_error;
    std::string reply = to_string(query.first(asked ? asked->end : 12));
    reply[2] = static_cast<char>(0x84 | (query[2] & 0x79)); // a reply of an authority; the other bits as asked
    reply[3] = static_cast<char>(outcome);
    reply.replace(4, 8, "\0\0\0\0\0\0\0\0"sv);
    reply[5] = asked ? 1 : 0;
    if (outcome == rcode::no_error && asked->type_and_class == "\0\1\0\1"sv) {
        reply[7] = 1;
        reply += "\xC0\x0C\0\1\0\1\0\0\x01\x2C\0\4"s + known->second;
    }
    from.send(reply);
}

int main(int argc, char** argv) {
    fairlead::server server;
    const auto where = server.listen(argc > 1 ? argv[1] : "udp://127.0.0.1:9053", answer);
    std::cout << "listening " << where.to_string() << std::endl;
    return server.run();
}
