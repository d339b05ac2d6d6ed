#include "examples/dns.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

using namespace std::string_literals;

const std::string mail = "\4Mail\7example\4test\0"s;
const std::string type_a = "\0\1\0\1"s;

std::string header(const std::string& flags, const std::string& counts) {
    return "\xAB\xCD" + flags + counts;
}

// A query with one question, and recursion wanted.
std::string query(const std::string& question) {
    return header("\1\0"s, "\0\1\0\0\0\0\0\0"s) + question;
}

dns::rcode outcome_of(const std::string& datagram) {
    return dns::codec{}.decode(datagram).outcome;
}

std::string encode(const dns::message& reply) {
    std::string datagram;
    dns::codec{}.encode(reply, datagram);
    return datagram;
}

} // namespace

TEST(dns, reads_a_question_in_small_letters) {
    const dns::message read = dns::codec{}.decode(query(mail + type_a + "more records"));
    EXPECT_EQ(read.id, 0xABCD);
    EXPECT_EQ(read.outcome, dns::rcode::no_error);
    EXPECT_EQ(read.question->name, "mail.example.test");
    EXPECT_EQ(read.question->bytes, mail + type_a);
    EXPECT_TRUE(read.question->asks_for_address());
    EXPECT_FALSE(dns::codec{}.decode(query(mail + "\0\x10\0\1"s)).question->asks_for_address());
    EXPECT_EQ(dns::codec{}.decode(query("\0"s + type_a)).question->name, "");
}

TEST(dns, tells_why_a_query_cannot_be_answered) {
    const std::string question = mail + type_a;
    for (std::size_t size = 0; size < question.size(); ++size)
        EXPECT_EQ(outcome_of(query(question.substr(0, size))), dns::rcode::format_error) << size;
    EXPECT_EQ(outcome_of(query("\x40" + std::string(64, 'x') + "\0"s + type_a)), dns::rcode::format_error);
    EXPECT_EQ(outcome_of(query("\xC0\x0C"s + type_a)), dns::rcode::format_error);
    EXPECT_EQ(outcome_of(header("\1\0"s, "\0\2\0\0\0\0\0\0"s) + question), dns::rcode::format_error);
    EXPECT_EQ(outcome_of(header("\x28\0"s, "\0\1\0\0\0\0\0\0"s) + question), dns::rcode::not_implemented);
}

TEST(dns, refuses_replies_and_datagrams_without_a_header) {
    EXPECT_THROW(dns::codec{}.decode(header("\x80\0"s, "\0\1\0\0\0\0\0\0"s) + mail + type_a), malformed_message);
    const std::string whole = query("");
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_THROW(dns::codec{}.decode(whole.substr(0, size)), malformed_message) << size;
}

TEST(dns, writes_replies_that_repeat_the_question) {
    dns::message reply = dns::codec{}.decode(query(mail + type_a));
    reply.address = {192, 0, 2, 25};
    EXPECT_EQ(encode(reply),
              header("\x85\0"s, "\0\1\0\1\0\0\0\0"s) + mail + type_a + "\xC0\x0C\0\1\0\1\0\0\x01\x2C\0\4\xC0\0\2\x19"s);
    EXPECT_EQ(encode(dns::codec{}.decode(query(""))), header("\x85\1"s, "\0\0\0\0\0\0\0\0"s));
}

} // namespace fairlead::test
