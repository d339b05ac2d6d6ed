#include "file_transfer/plain_header.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::file_transfer::test {

namespace {

using state = plain_header::state;

constexpr std::uint64_t largest_size = std::numeric_limits<std::uint64_t>::max();

struct outcome {
    state now = state::incomplete;
    std::string name;
    std::string digits;
    std::string fault;
    std::size_t taken = 0;

    friend bool operator==(const outcome&, const outcome&) = default;
};

outcome outcome_of(plain_header header, std::size_t taken) {
    header.end();
    outcome result{.now = header.now(), .fault = std::string{header.fault()}, .taken = taken};
    if (result.now == state::complete) {
        result.name = header.name();
        result.digits = header.digits();
    }
    return result;
}

outcome read(std::string_view stream, const std::string& separator, const std::vector<std::size_t>& cuts = {}) {
    plain_header header{separator};
    std::size_t taken = 0, begin = 0;
    const auto arrive = [&](std::size_t end) {
        const std::size_t now = header.feed(stream.substr(begin, end - begin));
        if (taken == begin) // what follows the header is not its business
            taken += now;
        else
            EXPECT_EQ(now, 0u);
        begin = end;
    };
    for (const std::size_t cut : cuts)
        arrive(cut);
    arrive(stream.size());
    return outcome_of(std::move(header), taken);
}

plain_header complete(const std::string& digits) {
    plain_header header{"|"};
    header.feed("a|" + digits);
    header.end();
    EXPECT_EQ(header.now(), state::complete);
    return header;
}

std::vector<std::string> streams_of(std::string_view alphabet, std::size_t size) {
    std::vector<std::string> all{""};
    for (std::size_t begin = 0; size-- != 0;) {
        const std::size_t end = all.size();
        for (; begin != end; ++begin)
            for (const char each : alphabet)
                all.push_back(all[begin] + each);
    }
    return all;
}

} // namespace

TEST(plain_header, finds_name_and_digits) {
    struct row {
        std::string_view stream;
        const char* separator;
        const char* name;
        const char* digits;
        std::size_t taken;
    };
    const row rows[] = {
        {"a.txt<SEPARATOR>1234hello", "<SEPARATOR>", "a.txt", "1234", 20},
        {"a.txt<SEPARATOR>5", "<SEPARATOR>", "a.txt", "5", 17},
        {"a<SEP<SEPARATOR>0x", "<SEPARATOR>", "a<SEP", "0", 17},
        {"a<SEPARATO<<SEPARATOR>0x", "<SEPARATOR>", "a<SEPARATO<", "0", 23},
        {"aab1", "ab", "a", "1", 4},
        {"12|34|5", "|", "12", "34", 5},
        {"a 1 2", " ", "a", "1", 3},
        {"|7", "|", "", "7", 2},
        {"a|007b", "|", "a", "007", 5},
        {"a|1|2", "|", "a", "1", 3},
        {"a|123456789012345678901", "|", "a", "12345678901234567890", 22},
        {"a|1\n", "|", "a", "1", 3},
        {"a01", "0", "a", "1", 3},
    };
    for (const row& each : rows) {
        const outcome expected{state::complete, each.name, each.digits, "", each.taken};
        EXPECT_EQ(read(each.stream, each.separator), expected) << each.stream;
    }
}

TEST(plain_header, says_what_is_wrong) {
    struct row {
        std::string_view stream;
        const char* fault;
    };
    const row rows[] = {
        {"", "the stream ended before the separator of name and size"},
        {"a.txt", "the stream ended before the separator of name and size"},
        {"a.txt<SEPARATOR", "the stream ended before the separator of name and size"},
        {"a.txt<SEPARATOR>", "no size follows the separator"},
        {"a.txt<SEPARATOR>x1", "no size follows the separator"},
        {"a.txt<SEPARATOR> 1", "no size follows the separator"},
        {"a.txt<SEPARATOR>-1", "no size follows the separator"},
        {"a.txt<SEPARATOR><SEPARATOR>1", "no size follows the separator"},
    };
    for (const row& each : rows) {
        const outcome result = read(each.stream, "<SEPARATOR>");
        EXPECT_EQ(result.now, state::wrong) << each.stream;
        EXPECT_EQ(result.fault, each.fault) << each.stream;
    }
    EXPECT_THROW(plain_header{""}, std::invalid_argument);
}

TEST(plain_header, bounds_the_name) {
    const std::string longest(plain_header::max_name, 'n');
    for (const std::string separator : {"|", "<SEPARATOR>"}) {
        EXPECT_EQ(read(longest + separator + "1", separator).name, longest);
        const outcome result = read(longest + "n" + separator + "1", separator);
        EXPECT_EQ(result.now, state::wrong);
        EXPECT_EQ(result.fault, "no separator within the first 4096 bytes of the name");
        EXPECT_EQ(read(std::string(1'000'000, 'n'), separator).taken, longest.size() + separator.size());
    }
}

TEST(plain_header, takes_nothing_once_it_is_complete_or_wrong) {
    plain_header header{"|"};
    EXPECT_EQ(header.feed("a|12x"), 4u);
    EXPECT_EQ(header.feed("34"), 0u);
    EXPECT_EQ(header.digits(), "12");
    plain_header wrong{"|"};
    EXPECT_EQ(wrong.feed("a|x"), 2u);
    EXPECT_EQ(wrong.feed("12"), 0u);
    EXPECT_EQ(wrong.now(), state::wrong);
}

TEST(plain_header, is_incomplete_while_digits_may_follow) {
    plain_header header{"|"};
    EXPECT_EQ(header.feed("a|12"), 4u);
    EXPECT_EQ(header.now(), state::incomplete);
    EXPECT_EQ(header.feed("3456789012345678"), 16u);
    EXPECT_EQ(header.now(), state::incomplete);
    EXPECT_EQ(header.feed("90"), 2u);
    EXPECT_EQ(header.now(), state::complete);
}

TEST(plain_header, gives_the_same_however_the_stream_comes) {
    for (const std::string stream : {"a.txt<SEP>1234hello", "a<S<SEP>0", "<SEP><SEP>1", "a<SEP>x", "12<SEP>34<SEP>5"}) {
        const outcome whole = read(stream, "<SEP>");
        std::vector<std::size_t> everywhere;
        for (std::size_t first = 0; first <= stream.size(); ++first) {
            everywhere.push_back(first);
            for (std::size_t second = first; second <= stream.size(); ++second)
                EXPECT_EQ(read(stream, "<SEP>", {first, second}), whole) << stream << first << ' ' << second;
        }
        EXPECT_EQ(read(stream, "<SEP>", everywhere), whole) << stream;
    }
}

// Every stream of up to seven of these bytes, against a reading of it as a whole.
TEST(plain_header, reads_every_small_stream_as_a_whole_one) {
    for (const std::string separator : {"a", "aa", "ab", "aba", "1", "a1"})
        for (const std::string& stream : streams_of("ab1", 7)) {
            const std::size_t found = stream.find(separator);
            outcome expected;
            const std::size_t digits = found == std::string::npos ? found : found + separator.size();
            const std::size_t end = digits == std::string::npos
                                        ? stream.size()
                                        : std::min(stream.find_first_not_of('1', digits), stream.size());
            expected.now = digits < end ? state::complete : state::wrong;
            expected.taken = end;
            if (digits < end) {
                expected.name = stream.substr(0, found);
                expected.digits = stream.substr(digits, end - digits);
            }
            outcome result = read(stream, separator);
            EXPECT_EQ(result.fault.empty(), result.now == state::complete);
            result.fault.clear();
            ASSERT_EQ(result, expected) << stream << " by " << separator;
        }
}

TEST(plain_header, splits_size_from_a_file_that_begins_with_digits) {
    struct row {
        const char* digits;
        std::uint64_t following;
        std::size_t split; // 0: none
    };
    const row rows[] = {
        {"5", 5, 1},
        {"5", 4, 0},
        {"5", 6, 0},
        {"0", 0, 1},
        {"1234", 1234, 4},
        {"1234", 122, 3},
        {"1234", 10, 2},
        {"1234", 0, 0},
        {"1234", 123, 0},
        {"31", 2, 1},
        {"31", 31, 2},
        {"3", 0, 0},
        {"10", 0, 1},
        {"20", 1, 1},
        {"00", 0, 2},
        {"007", 7, 3},
        {"0000", 0, 4},
        {"12345678901234567890", 12345678901234567890u, 20},
        {"18446744073709551615", largest_size, 20},
        {"18446744073709551616", largest_size, 0},
        {"99999999999999999999", largest_size, 0},
        {"99999999999999999999", 9999999999999999998u, 19},
    };
    for (const row& each : rows)
        EXPECT_EQ(complete(each.digits).split(each.following).value_or(0), each.split)
            << each.digits << ' ' << each.following;
}

// A file of `size` bytes, the first of which are digits, is told from all others.
TEST(plain_header, finds_each_size_from_its_stream) {
    for (const std::string leading : {"", "0", "7", "00", "42", "999", "0000", "1234567890"})
        for (std::size_t size = leading.size(); size != 1200; ++size) {
            const std::string file = leading + std::string(size - leading.size(), 'x');
            const std::string stream = "a|" + std::to_string(size) + file;
            plain_header header{"|"};
            const std::size_t taken = header.feed(stream);
            header.end();
            const std::string right = std::to_string(size);
            ASSERT_EQ(header.split(stream.size() - taken), right.size()) << leading << ' ' << size;
            ASSERT_EQ(header.digits(), right + leading);
            for (std::size_t came = 0; came <= stream.size() - taken; ++came)
                ASSERT_TRUE(header.possible(came, size));
        }
}

TEST(plain_header, knows_whether_a_split_is_still_possible) {
    struct row {
        const char* digits;
        std::uint64_t following, limit;
        bool possible;
    };
    const row rows[] = {
        {"5", 0, largest_size, true},
        {"5", 5, largest_size, true},
        {"5", 6, largest_size, false},
        {"5", 0, 5, true},
        {"5", 0, 4, false},
        {"1234", 0, 1, false},
        {"1234", 0, 12, true},
        {"1234", 10, 12, true},
        {"1234", 11, 12, false},
        {"1234", 11, 122, false},
        {"1234", 11, 123, true},
        {"1234", 1234, 1233, false},
        {"1234", 1234, 1234, true},
        {"0", 0, 0, true},
        {"0", 1, largest_size, false},
        {"10", 0, 0, false},
        {"99999999999999999999", 9999999999999999998u, largest_size, true},
        {"99999999999999999999", 9999999999999999999u, largest_size, false},
        {"18446744073709551615", largest_size, largest_size, true},
        {"18446744073709551616", largest_size, largest_size, false},
    };
    for (const row& each : rows)
        EXPECT_EQ(complete(each.digits).possible(each.following, each.limit), each.possible)
            << each.digits << ' ' << each.following << ' ' << each.limit;
}

TEST(plain_header, agrees_with_trying_every_split) {
    for (const std::string& digits : streams_of("0129", 5)) {
        if (digits.empty())
            continue;
        const plain_header header = complete(digits);
        for (std::uint64_t following = 0; following != 150; ++following) {
            std::vector<std::size_t> splits;
            bool possible = false;
            for (std::size_t split = 1; split <= digits.size(); ++split) {
                const std::uint64_t size = std::stoull(digits.substr(0, split));
                const std::uint64_t came = following + digits.size() - split;
                if (size == came)
                    splits.push_back(split);
                possible = possible || (size >= came && size <= 100);
            }
            ASSERT_LE(splits.size(), 1u);
            ASSERT_EQ(header.split(following).value_or(0), splits.empty() ? 0 : splits[0]) << digits << following;
            ASSERT_EQ(header.possible(following, 100), possible) << digits << ' ' << following;
        }
    }
}

} // namespace fairlead::file_transfer::test
