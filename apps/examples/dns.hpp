// Queries for the address of a name, and the replies to them: a small part of the DNS (RFC 1035, section 4). A reply repeats the
// header and the question. Numbers are big-endian.
//
//     | id | flags | 1 question | 0 answers | 0 | 0 |  4 m a i l  7 e x a m p l e  4 t e s t  0 | type | class |
//       2     2         2             2       2   2     the name, each label with its length       2       2
//     answer:  | C0 0C: the name at byte 12 | type A | class IN | 300 seconds | 4 bytes follow | 192 0 2 25 |
#pragma once

#include <fairlead/byte_reader.hpp>
#include <fairlead/byte_writer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/malformed_message.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dns {

using address = std::array<unsigned char, 4>;

enum class rcode : unsigned char { no_error = 0, format_error = 1, name_error = 3, not_implemented = 4 };

struct question {
    std::string name;  ///< in lower case, for comparison
    std::string bytes; ///< the name, type and class, as in the query

    /// Returns true for type A and class IN.
    bool asks_for_address() const { return bytes.ends_with(std::string_view{"\0\1\0\1", 4}); }
};

/// A query or a reply.
struct message {
    std::uint16_t id = 0;
    std::uint16_t flags = 0;                    ///< of the query
    rcode outcome = rcode::no_error;            ///< of a query: why it cannot be answered
    std::optional<dns::question> question = {}; ///< nullopt: none could be read
    std::optional<dns::address> address = {};   ///< of a reply
};

/// Reads the one question of a query. Errors: throws fairlead::malformed_message.
inline question read_question(fairlead::bytes_view query) {
    question found;
    fairlead::byte_reader from{query};
    while (const auto size = from.read<std::uint8_t>()) {
        if (size > 63)
            throw fairlead::malformed_message{"a label has up to 63 bytes"};
        for (const unsigned char each : from.bytes(size))
            found.name += static_cast<char>(each >= 'A' && each <= 'Z' ? each + 32 : each);
        found.name += '.';
    }
    if (!found.name.empty()) // all but the root
        found.name.pop_back();
    from.bytes(4); // type and class
    found.bytes = to_string(query.first(from.position()));
    return found;
}

/// Decodes queries and encodes replies.
struct codec {
    using value_type = message;

    /// Errors: throws fairlead::malformed_message for datagrams that get no answer: those without a header,
    /// and replies, because an answer to a reply could start a loop.
    message decode(fairlead::bytes_view datagram) {
        fairlead::byte_reader from{datagram};
        message query;
        query.id = from.read<std::uint16_t>();
        query.flags = from.read<std::uint16_t>();
        const auto questions = from.read<std::uint16_t>();
        from.bytes(6);
        if ((query.flags & 0x8000) != 0)
            throw fairlead::malformed_message{"a reply, where a query was expected"};
        try {
            if (questions == 1)
                query.question = read_question(from.rest());
        } catch (const fairlead::malformed_message&) {} // reported by `outcome`
        if ((query.flags & 0x7800) != 0)
            query.outcome = rcode::not_implemented;
        else if (!query.question)
            query.outcome = rcode::format_error;
        return query;
    }

    void encode(const message& reply, std::string& datagram) {
        fairlead::byte_writer to{datagram};
        to.write(reply.id);
        const unsigned kept = reply.flags & 0x7900u; // the kind of query, and whether recursion was wanted
        to.write(static_cast<std::uint16_t>(0x8400u | kept | static_cast<unsigned>(reply.outcome)));
        to.write<std::uint16_t>(reply.question ? 1 : 0);
        to.write<std::uint16_t>(reply.address ? 1 : 0);
        to.write(std::uint32_t{0});
        if (reply.question)
            to.bytes(reply.question->bytes);
        if (reply.address) {
            to.bytes(std::string_view{"\xC0\x0C\0\1\0\1\0\0\x01\x2C\0\4", 12});
            to.bytes(*reply.address);
        }
    }
};

} // namespace dns
