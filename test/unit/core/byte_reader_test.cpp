#include <fairlead/byte_reader.hpp>

#include <fairlead/byte_writer.hpp>

#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <string>

using namespace std::literals;

namespace fairlead::test {

namespace {

template <class T>
std::string written(T number, std::endian order) {
    std::string message;
    byte_writer{message}.write(number, order);
    return message;
}

template <class T>
void expect_round_trip(T number) {
    for (const auto order : {std::endian::big, std::endian::little}) {
        const std::string message = written(number, order);
        EXPECT_EQ(message.size(), sizeof(T));
        EXPECT_EQ(byte_reader{message}.read<T>(order), number);
    }
}

std::string fault(std::string_view message, std::size_t first, std::size_t second) {
    try {
        byte_reader from{message};
        from.bytes(first);
        from.bytes(second);
        from.end();
    } catch (const malformed_message& refused) {
        return refused.what();
    }
    return "none";
}

} // namespace

TEST(byte_reader, reads_numbers_in_either_order_of_bytes) {
    EXPECT_EQ(byte_reader{"\x01\x02"sv}.read<std::uint16_t>(), 0x0102);
    EXPECT_EQ(byte_reader{"\x01\x02"sv}.read<std::uint16_t>(std::endian::little), 0x0201);
    EXPECT_EQ(byte_reader{"\xFF\xFE"sv}.read<std::int16_t>(), -2);
    EXPECT_EQ(byte_reader{"\x3F\xF0\0\0\0\0\0\0"sv}.read<double>(), 1.0);
    EXPECT_EQ(byte_reader{"\xAB"sv}.read<std::uint8_t>(), 0xAB);
}

TEST(byte_reader, reads_what_byte_writer_writes) {
    expect_round_trip(std::numeric_limits<std::uint8_t>::max());
    expect_round_trip(std::numeric_limits<std::int32_t>::min());
    expect_round_trip(std::uint64_t{0x0102030405060708});
    expect_round_trip(-1.09);
    expect_round_trip(0.5f);
    EXPECT_EQ(written(std::uint32_t{0x01020304}, std::endian::big), "\1\2\3\4");
    EXPECT_EQ(written(std::uint32_t{0x01020304}, std::endian::little), "\4\3\2\1");
}

TEST(byte_reader, gives_the_bytes_between_the_numbers) {
    std::string message;
    byte_writer to{message};
    to.write(std::uint8_t{3});
    to.bytes("ann");
    to.bytes("rest");
    byte_reader from{message};
    EXPECT_EQ(from.bytes(from.read<std::uint8_t>()), "ann");
    EXPECT_EQ(from.left(), 4u);
    EXPECT_EQ(from.rest(), "rest");
    EXPECT_EQ(from.position(), message.size());
    EXPECT_NO_THROW(from.end());
}

TEST(byte_reader, refuses_messages_that_are_too_short_or_too_long) {
    EXPECT_EQ(fault("abcde", 2, 3), "none");
    EXPECT_EQ(fault("abcde", 2, 4), "the message has 3 bytes at byte 2, and 4 are needed");
    EXPECT_EQ(fault("abcde", 2, std::numeric_limits<std::size_t>::max()),
              "the message has 3 bytes at byte 2, and 18446744073709551615 are needed");
    EXPECT_EQ(fault("abcde", 2, 2), "the message ends at byte 4, and has 5");
    EXPECT_THROW(byte_reader{""sv}.read<std::uint8_t>(), malformed_message);
}

} // namespace fairlead::test
