#include "datagram/send_batch.hpp"

#include "datagram/segments.hpp"
#include "support/datagram_paths.hpp"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <netinet/udp.h>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

// What one message says: where to, its bytes, and the size it is cut into.
struct sent_message {
    std::uint16_t to;
    std::string bytes;
    std::size_t segment_size;
    friend bool operator==(const sent_message&, const sent_message&) = default;
};

std::size_t segment_size_of(const ::msghdr& message) {
    for (const ::cmsghdr* each = CMSG_FIRSTHDR(&message); each;
         each = CMSG_NXTHDR(const_cast<::msghdr*>(&message), const_cast<::cmsghdr*>(each))) {
        std::uint16_t size = 0;
        if (each->cmsg_level == IPPROTO_UDP && each->cmsg_type == UDP_SEGMENT) {
            std::memcpy(&size, CMSG_DATA(each), sizeof size);
            return size;
        }
    }
    return 0;
}

sent_message read(const ::msghdr& message) {
    std::string bytes;
    for (std::size_t i = 0; i < message.msg_iovlen; ++i)
        bytes.append(static_cast<const char*>(message.msg_iov[i].iov_base), message.msg_iov[i].iov_len);
    return {ntohs(static_cast<const ::sockaddr_in6*>(message.msg_name)->sin6_port), bytes, segment_size_of(message)};
}

// A system that takes what a script lets it: each call answers with the next step, and takes all when there is none.
struct system_script {
    struct step {
        int result; // how many it takes, or -1
        int error = 0;
    };
    std::deque<step> steps;
    std::function<int(const sent_message&)> refuses; // an error for a message, 0 for none
    std::vector<sent_message> taken;
    int calls = 0;
};

system_script* current = nullptr;

int transmit(int, ::mmsghdr* messages, unsigned count, int) {
    ++current->calls;
    system_script::step now{static_cast<int>(count)};
    if (!current->steps.empty()) {
        now = current->steps.front();
        current->steps.pop_front();
    }
    errno = now.error;
    int taken = 0;
    for (; taken < now.result; ++taken) {
        const sent_message next = read(messages[taken].msg_hdr);
        errno = current->refuses ? current->refuses(next) : 0;
        if (errno != 0)
            return taken == 0 ? -1 : taken;
        current->taken.push_back(next);
    }
    return now.result < 0 ? -1 : taken;
}

class send_batch_test : public testing::Test {
protected:
    send_batch_test() { current = &system; }
    ~send_batch_test() override { current = nullptr; }

    void add(std::uint16_t to, const std::string& bytes) { batch.add(path_from("192.0.2.1", to), bytes); }
    void send() { batch.send(-1, counted); }

    system_script system;
    datagram_counters counted;
    send_batch batch{true, &transmit};
};

} // namespace

TEST_F(send_batch_test, sends_datagrams_to_several_peers_with_one_call) {
    add(1, "a");
    add(2, "bb");
    add(3, "");
    send();
    EXPECT_EQ(system.taken, (std::vector<sent_message>{{1, "a", 0}, {2, "bb", 0}, {3, "", 0}}));
    EXPECT_EQ(system.calls, 1);
    EXPECT_EQ(counted.sent.value(), 3u);
    EXPECT_TRUE(batch.empty());
}

TEST_F(send_batch_test, bundles_datagrams_of_one_size_and_a_smaller_last_one) {
    add(1, "aa");
    add(1, "bb");
    add(1, "c");
    add(1, "dd");
    add(2, "ee");
    send();
    EXPECT_EQ(system.taken, (std::vector<sent_message>{{1, "aabbc", 2}, {1, "dd", 0}, {2, "ee", 0}}));
    EXPECT_EQ(counted.sent.value(), 5u);
}

TEST_F(send_batch_test, does_not_bundle_a_larger_one_behind_a_smaller_nor_empty_ones) {
    add(1, "a");
    add(1, "bb");
    add(1, "");
    add(1, "");
    add(1, "c");
    send();
    EXPECT_EQ(system.taken,
              (std::vector<sent_message>{{1, "a", 0}, {1, "bb", 0}, {1, "", 0}, {1, "", 0}, {1, "c", 0}}));
}

TEST_F(send_batch_test, does_not_bundle_what_leaves_from_different_addresses_of_ours) {
    batch.add(path_from("192.0.2.1", 1, "192.0.2.7"), "aa");
    batch.add(path_from("192.0.2.1", 1, "192.0.2.8"), "bb");
    send();
    EXPECT_EQ(system.taken.size(), 2u);
}

TEST_F(send_batch_test, bundles_at_most_what_the_system_takes_as_one) {
    for (int i = 0; i < 65; ++i)
        add(1, "aa");
    const std::string large(1'400, 'x');
    for (int i = 0; i < 50; ++i)
        add(2, large);
    send();
    ASSERT_EQ(system.taken.size(), 4u);
    EXPECT_EQ(system.taken[0].bytes.size(), 64u * 2);
    EXPECT_EQ(system.taken[1], (sent_message{1, "aa", 0}));
    EXPECT_LE(system.taken[2].bytes.size(), 65'000u);
    EXPECT_EQ(system.taken[2].bytes.size() + system.taken[3].bytes.size(), 50u * 1'400);
}

TEST_F(send_batch_test, does_not_bundle_what_a_usual_frame_does_not_hold) {
    const std::string large(send_batch::max_gso_datagram + 1, 'x');
    add(1, large);
    add(1, large);
    add(1, "small");
    send();
    EXPECT_EQ(system.taken.size(), 3u);
}

TEST_F(send_batch_test, without_bundles_sends_each_by_itself) {
    send_batch apart{false, &transmit};
    apart.add(path_from("192.0.2.1", 1), "aa");
    apart.add(path_from("192.0.2.1", 1), "bb");
    apart.send(-1, counted);
    EXPECT_EQ(system.taken, (std::vector<sent_message>{{1, "aa", 0}, {1, "bb", 0}}));
}

TEST_F(send_batch_test, sends_the_rest_when_the_system_takes_a_part) {
    for (std::uint16_t to = 1; to <= 5; ++to)
        add(to, "x");
    system.steps = {{2}, {1}};
    send();
    EXPECT_EQ(system.taken.size(), 5u);
    EXPECT_EQ(system.calls, 3);
    EXPECT_EQ(counted.sent.value(), 5u);
}

TEST_F(send_batch_test, drops_and_counts_the_one_that_is_refused_and_sends_the_others) {
    add(1, "a");
    add(2, "b");
    add(3, "c");
    system.refuses = [](const sent_message& what) { return what.to == 2 ? EPERM : 0; };
    send();
    EXPECT_EQ(system.taken, (std::vector<sent_message>{{1, "a", 0}, {3, "c", 0}}));
    EXPECT_EQ(counted.sent.value(), 2u);
    EXPECT_EQ(counted.failed_not_permitted.value(), 1u);
}

TEST_F(send_batch_test, drops_all_that_wait_when_there_is_no_room) {
    for (std::uint16_t to = 1; to <= 5; ++to)
        add(to, "x");
    system.steps = {{2}, {-1, ENOBUFS}};
    send();
    EXPECT_EQ(counted.sent.value(), 2u);
    EXPECT_EQ(counted.failed_no_room.value(), 3u);
    EXPECT_EQ(system.calls, 2);
    EXPECT_TRUE(batch.empty());
}

TEST_F(send_batch_test, tries_once_more_after_the_error_of_an_earlier_datagram) {
    add(1, "a");
    system.steps = {{-1, ECONNREFUSED}};
    send();
    EXPECT_EQ(counted.sent.value(), 1u);

    add(1, "a");
    add(2, "b");
    system.steps = {{-1, ECONNREFUSED}, {-1, ECONNREFUSED}};
    send();
    EXPECT_EQ(counted.sent.value(), 2u);
    EXPECT_EQ(counted.failed_unreachable.value(), 1u);
}

TEST_F(send_batch_test, sends_a_refused_bundle_one_by_one_and_makes_no_more_of_them) {
    add(1, "first");
    for (const char* each : {"aa", "bb", "c"})
        add(2, each);
    add(3, "last");
    system.refuses = [](const sent_message& what) { return what.segment_size != 0 ? EIO : 0; };
    send();
    EXPECT_EQ(system.taken,
              (std::vector<sent_message>{{1, "first", 0}, {2, "aa", 0}, {2, "bb", 0}, {2, "c", 0}, {3, "last", 0}}));
    EXPECT_EQ(counted.sent.value(), 5u);
    EXPECT_FALSE(batch.gso());

    system.taken.clear();
    add(1, "aa");
    add(1, "bb");
    send();
    EXPECT_EQ(system.taken.size(), 2u);
}

TEST_F(send_batch_test, counts_the_datagrams_of_a_bundle_that_is_lost) {
    add(1, "aa");
    add(1, "bb");
    system.refuses = [](const sent_message&) { return EPERM; };
    send();
    EXPECT_EQ(counted.failed_not_permitted.value(), 2u);
    EXPECT_TRUE(batch.gso());
}

TEST_F(send_batch_test, has_room_for_64_peers_or_128_kib) {
    for (std::uint16_t to = 1; to <= 64; ++to) {
        EXPECT_TRUE(batch.fits(1));
        add(to, "x");
    }
    EXPECT_FALSE(batch.fits(1));
    send();
    EXPECT_TRUE(batch.fits(65'527));
    add(1, std::string(65'527, 'x'));
    EXPECT_TRUE(batch.fits(65'527));
    add(1, std::string(65'527, 'x'));
    EXPECT_FALSE(batch.fits(65'527));
}

} // namespace fairlead::test
