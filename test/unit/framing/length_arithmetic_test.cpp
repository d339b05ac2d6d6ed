#include <fairlead/framing/length_prefixed.hpp>

#include "support/framing_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <climits>
#include <optional>

namespace fairlead::test {

namespace {

__extension__ using wide = __int128; // wide enough for no step to need a check

constexpr wide all_ones = ~std::uint64_t{0};

struct model {
    length_prefixed_options options;
    wide header = static_cast<wide>(options.offset) + options.width;
    wide stripped = options.keep_header ? 0 : header;
    wide largest_length = all_ones >> (64 - 8 * options.width);

    wide message(wide length) const {
        return length + options.adjustment + (options.length_includes_header ? 0 : header) - stripped;
    }
    wide smallest() const { return std::max(message(0), header - stripped); }
    wide limit() const { return std::min<wide>(1 << 20, message(largest_length)); }
    bool is_possible() const { return limit() >= std::max<wide>(smallest(), 1); }
};

std::string header_of(const length_prefixed_options& options, std::uint64_t length) {
    std::string field;
    for (int i = 0; i != options.width; ++i, length >>= 8)
        field += static_cast<char>(length & 0xFF);
    if (options.byte_order == std::endian::big)
        std::reverse(field.begin(), field.end());
    return std::string(options.offset, 'o') + field;
}

void check_decoding(const model& expected, std::uint64_t length) {
    length_prefixed framing{expected.options};
    const wide message = expected.message(length);
    const std::string body(20, 'b');
    const std::string stream = header_of(expected.options, length) + body;
    const result<decoded> step = framing.decode(stream);
    if (message + expected.stripped < expected.header) {
        ASSERT_EQ(step.error(), errc::malformed);
    } else if (message > expected.limit()) {
        ASSERT_EQ(step.error(), errc::message_too_large);
    } else if (message + expected.stripped > static_cast<wide>(stream.size())) {
        ASSERT_TRUE(step && !step->message && step->consumed == 0);
        ASSERT_EQ(static_cast<wide>(step->wanted), message + expected.stripped);
    } else {
        ASSERT_TRUE(step && step->message);
        ASSERT_EQ(static_cast<wide>(step->message->size()), message);
        ASSERT_EQ(static_cast<wide>(step->consumed), message + expected.stripped);
    }
}

void check_encoding(const model& expected, std::size_t size) {
    const length_prefixed framing{expected.options};
    const error_code refused = encode_error(framing, std::string(size, 'm'));
    const wide message = static_cast<wide>(size);
    if (message > expected.limit())
        ASSERT_EQ(refused, errc::message_too_large);
    else if (message < expected.smallest())
        ASSERT_EQ(refused, errc::malformed);
    else
        ASSERT_EQ(refused, error_code{});
}

template <class Each>
void for_every_option(Each each) {
    for (int width = 1; width <= 8; ++width)
        for (const std::endian order : {std::endian::big, std::endian::little})
            for (const int adjustment : {INT_MIN, -70'000, -300, -9, -8, -4, -1, 0, 1, 4, 9, 300, 70'000, INT_MAX})
                for (const bool includes : {false, true})
                    for (const std::size_t offset : {0u, 1u, 3u})
                        for (const bool keep : {false, true})
                            each(length_prefixed_options{.width = width,
                                                         .byte_order = order,
                                                         .offset = offset,
                                                         .length_includes_header = includes,
                                                         .adjustment = adjustment,
                                                         .keep_header = keep});
}

} // namespace

TEST(length_arithmetic, is_exact_for_every_width_order_and_adjustment) {
    std::size_t possible = 0;
    for_every_option([&possible](const length_prefixed_options& options) {
        SCOPED_TRACE(testing::Message() << "width " << options.width << " adjustment " << options.adjustment
                                        << " includes " << options.length_includes_header << " offset "
                                        << options.offset << " keep " << options.keep_header);
        const model expected{options};
        ASSERT_EQ(refusal([&] { length_prefixed{options}; }).empty(), expected.is_possible());
        if (!expected.is_possible())
            return;
        ++possible;
        const auto ones = static_cast<std::uint64_t>(expected.largest_length);
        const std::uint64_t sign = ones / 2 + 1;
        for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{9},
                                           std::uint64_t{20}, std::uint64_t{254}, sign - 1, sign, ones - 1, ones})
            check_decoding(expected, length & ones);
        // Lengths that the adjustment brings to the edges of what a message can be.
        for (const wide edge : {expected.smallest(), expected.limit()}) {
            for (const int beside : {-1, 0, 1}) {
                const wide length = edge + beside - expected.message(0);
                if (length >= 0 && length <= expected.largest_length)
                    check_decoding(expected, static_cast<std::uint64_t>(length));
            }
        }
        if (options.keep_header)
            return;
        for (const std::size_t size : {0u, 1u, 4u, 20u, 300u})
            check_encoding(expected, size);
    });
    EXPECT_GT(possible, 1000u);
}

TEST(length_arithmetic, reads_back_what_was_encoded_with_any_options) {
    for_every_option([](const length_prefixed_options& options) {
        const model expected{options};
        if (!expected.is_possible() || expected.smallest() > 400)
            return;
        const auto size = static_cast<std::size_t>(std::clamp<wide>(expected.limit(), expected.smallest(), 400));
        std::string message(size, 'm');
        if (options.keep_header) {
            const wide length = static_cast<wide>(size) - expected.message(0);
            ASSERT_GE(length, 0);
            const std::string header = header_of(options, static_cast<std::uint64_t>(length));
            message.replace(0, header.size(), header);
        }
        length_prefixed framing{options};
        byte_buffer output;
        ASSERT_TRUE(framing.encode(message, output));
        const result<decoded> step = framing.decode(output.data());
        ASSERT_TRUE(step && step->message);
        ASSERT_EQ(step->message->text(), message);
        ASSERT_EQ(step->consumed, output.size());
    });
}

} // namespace fairlead::test
