#include "file_transfer/upload_limits.hpp"

#include "support/file_uploads.hpp"

#include <cerrno>
#include <gtest/gtest.h>
#include <sys/un.h>
#include <vector>

namespace fairlead::test {

namespace {

using namespace file_transfer;
using namespace std::chrono_literals;

struct limits_fixture {
    explicit limits_fixture(file_receiver_options given) : options{std::move(given)} {}

    std::optional<refusal_code> open(upload_limits::place& where, std::uint64_t bytes, const char* from = "10.0.0.1") {
        const auto refused = limits.open(where, ipv4(from), bytes, false, now);
        return refused ? std::optional{refused->code} : std::nullopt;
    }
    std::optional<refusal_code> grow(upload_limits::place& where, std::uint64_t bytes) {
        const auto refused = where.grow(bytes, now);
        return refused ? std::optional{refused->code} : std::nullopt;
    }

    file_receiver_options options;
    fake_storage disk;
    upload_limits limits{options, disk};
    upload_limits::time_point now{1h};
};

constexpr std::optional<refusal_code> fine{};

} // namespace

TEST(upload_limits, bound_the_uploads_at_one_time) {
    limits_fixture all{{.max_uploads = 2, .min_free_space = 0}};
    upload_limits::place one, two, three;
    EXPECT_EQ(all.open(one, 1), fine);
    EXPECT_EQ(all.open(two, 1), fine);
    EXPECT_EQ(all.open(three, 1), refusal_code::busy);
    one = {};
    EXPECT_EQ(all.open(three, 1), fine);
    EXPECT_EQ(all.limits.open_now(), 2);
}

TEST(upload_limits, set_nothing_aside_for_an_offer_alone) {
    limits_fixture all{{.max_total = 1'000, .min_free_space = 100}};
    all.disk.room = 1'100;
    upload_limits::place idle, one;
    EXPECT_EQ(all.open(idle, 1'000), fine);
    EXPECT_EQ(all.open(one, 1'000, "10.0.0.2"), fine);
    EXPECT_EQ(all.grow(one, 1'000), fine);
}

TEST(upload_limits, refuse_at_once_what_is_larger_than_all_that_is_free) {
    limits_fixture all{{.min_free_space = 100}};
    all.disk.room = 300;
    upload_limits::place one;
    EXPECT_EQ(all.open(one, 201), refusal_code::space);
    EXPECT_EQ(all.open(one, 200), fine);
}

TEST(upload_limits, set_as_much_aside_on_the_disk_as_has_come) {
    limits_fixture all{{.min_free_space = 100}};
    all.disk.room = 300;
    upload_limits::place one, two;
    EXPECT_EQ(all.open(one, 150), fine);
    EXPECT_EQ(all.grow(one, 50), fine);
    all.disk.room -= 50;
    EXPECT_EQ(all.open(two, 101), refusal_code::space);
    EXPECT_EQ(all.open(two, 100), fine) << "150 are free, of which 50 are the lead of the other";
    two = {};
    EXPECT_EQ(all.grow(one, 100), fine);
    all.disk.room -= 100;
    EXPECT_EQ(all.open(two, 50), fine) << "nothing more is to come of the other";
    two = {};
    one = {};
    EXPECT_EQ(all.open(two, 50), fine);
    EXPECT_EQ(all.open(one, 51), refusal_code::space);
}

TEST(upload_limits, set_no_more_aside_than_the_largest_lead) {
    constexpr std::uint64_t mib = 1 << 20;
    limits_fixture all{{.max_total = 100 * mib, .min_free_space = 0}};
    upload_limits::place one, two;
    EXPECT_EQ(all.open(one, 90 * mib), fine);
    EXPECT_EQ(all.grow(one, 20 * mib), fine);
    EXPECT_EQ(all.open(two, 64 * mib + 1), refusal_code::quota);
    EXPECT_EQ(all.open(two, 64 * mib), fine) << "20 came, 16 are to come, and there is no more to it";
}

TEST(upload_limits, go_on_without_a_lead_when_there_is_no_room_for_one) {
    limits_fixture all{{.max_total = 100, .min_free_space = 0}};
    upload_limits::place one, two;
    EXPECT_EQ(all.open(one, 100), fine);
    EXPECT_EQ(all.open(two, 80), fine);
    EXPECT_EQ(all.grow(one, 30), fine);
    EXPECT_EQ(all.grow(two, 30), fine) << "30 are set aside for the other, and 10 are left";
    one = {};
    EXPECT_EQ(all.open(one, 71), refusal_code::quota);
    EXPECT_EQ(all.open(one, 70), fine) << "nothing is set aside any more";
}

TEST(upload_limits, give_a_lead_back_when_its_upload_ends) {
    limits_fixture all{{.max_total = 100, .min_free_space = 0}};
    upload_limits::place one, two;
    EXPECT_EQ(all.open(one, 80), fine);
    EXPECT_EQ(all.grow(one, 30), fine);
    EXPECT_EQ(all.open(two, 41), refusal_code::quota);
    one.kept();
    one = {};
    EXPECT_EQ(all.open(two, 70), fine);
}

TEST(upload_limits, refuse_sizes_that_no_sum_can_hold) {
    limits_fixture all{{.max_total = 1'000, .max_bytes_per_address = 1'000}};
    all.disk.room = 1'000;
    for (const std::uint64_t size :
         {std::uint64_t{1} << 31, std::uint64_t{1} << 32, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
        upload_limits::place one;
        EXPECT_NE(all.open(one, size), fine) << size;
    }
    EXPECT_EQ(all.limits.open_now(), 0);
}

TEST(upload_limits, look_at_the_free_space_during_an_upload) {
    limits_fixture all{{.min_free_space = 100}};
    all.disk.room = 1ull << 30;
    upload_limits::place one;
    EXPECT_EQ(all.open(one, 1ull << 29), fine);
    all.disk.room = 99;
    EXPECT_EQ(all.grow(one, 1'000), fine) << "not at every piece";
    EXPECT_EQ(all.grow(one, 16 << 20), refusal_code::space);
}

TEST(upload_limits, bound_what_the_directory_holds_and_see_when_somebody_makes_room) {
    limits_fixture all{{.max_total = 1'000, .min_free_space = 0}};
    all.disk.names["old"] = std::make_shared<fake_storage::node>(fake_storage::node{.bytes = std::string(600, 'x')});
    upload_limits::place one, two;
    EXPECT_EQ(all.open(one, 300), fine);
    EXPECT_EQ(all.grow(one, 300), fine);
    EXPECT_EQ(all.open(two, 101), refusal_code::quota);
    EXPECT_EQ(all.open(two, 100), fine);
    two = {};
    all.disk.names.clear();
    EXPECT_EQ(all.open(two, 101), refusal_code::quota) << "counted less than a second ago";
    all.now += 1s;
    EXPECT_EQ(all.open(two, 101), fine);
}

TEST(upload_limits, bound_bytes_that_were_not_announced_as_they_come) {
    limits_fixture all{{.max_total = 1'000, .min_free_space = 0}};
    upload_limits::place one;
    EXPECT_EQ(all.open(one, 0), fine);
    EXPECT_EQ(all.grow(one, 1'000), fine);
    all.now += 1s;
    all.disk.names["it"] = std::make_shared<fake_storage::node>(fake_storage::node{.bytes = std::string(1'000, 'x')});
    EXPECT_EQ(all.grow(one, 1), refusal_code::quota);
}

TEST(upload_limits, bound_what_one_address_sends_in_a_period) {
    limits_fixture all{{.max_bytes_per_address = 1'000, .quota_period = 60s, .min_free_space = 0}};
    upload_limits::place one, two, other;
    EXPECT_EQ(all.open(one, 900), fine);
    EXPECT_EQ(all.open(two, 101), refusal_code::quota);
    EXPECT_EQ(all.open(other, 101, "10.0.0.2"), fine);
    EXPECT_EQ(all.grow(one, 100), fine);
    one = {};
    EXPECT_EQ(all.open(two, 900), fine) << "what did not come is free again";
    two = {};
    EXPECT_EQ(all.open(two, 901), refusal_code::quota);
    all.now += 60s;
    EXPECT_EQ(all.open(two, 901), fine);
}

TEST(upload_limits, bound_the_files_that_one_address_stores_in_a_period) {
    limits_fixture all{{.max_files_per_address = 1, .quota_period = 60s, .min_free_space = 0}};
    {
        upload_limits::place fails;
        EXPECT_EQ(all.open(fails, 1), fine);
    }
    {
        upload_limits::place succeeds;
        EXPECT_EQ(all.open(succeeds, 1), fine) << "one that was not stored does not count";
        succeeds.stored();
    }
    upload_limits::place third;
    EXPECT_EQ(all.open(third, 1), refusal_code::quota);
    EXPECT_EQ(all.open(third, 1, "10.0.0.2"), fine);
}

TEST(upload_limits, give_nothing_of_one_period_back_in_the_next) {
    limits_fixture all{
        {.max_bytes_per_address = 100, .max_files_per_address = 1, .quota_period = 60s, .min_free_space = 0}};
    upload_limits::place earlier;
    EXPECT_EQ(all.open(earlier, 100), fine);
    all.now += 60s;
    {
        upload_limits::place later;
        EXPECT_EQ(all.open(later, 100), fine);
        EXPECT_EQ(all.grow(later, 100), fine);
        later.stored();
    }
    earlier = {};
    upload_limits::place third;
    EXPECT_EQ(all.open(third, 100), refusal_code::quota);
}

TEST(upload_limits, look_at_the_free_space_however_many_uploads_share_what_comes) {
    limits_fixture all{{.min_free_space = 100}};
    all.disk.room = 1ull << 30;
    std::vector<upload_limits::place> many(16);
    for (auto& each : many)
        EXPECT_EQ(all.open(each, 0), fine);
    all.disk.room = 99;
    std::size_t refused = 0;
    for (auto& each : many)
        refused += all.grow(each, 2 << 20) ? 1 : 0;
    EXPECT_EQ(refused, 9) << "from the one with which 16 MiB have come";
}

TEST(upload_limits, bound_the_uploads_of_one_address_at_one_time) {
    limits_fixture all{{.max_uploads_per_address = 1, .min_free_space = 0}};
    upload_limits::place one, two;
    EXPECT_EQ(all.open(one, 1), fine);
    EXPECT_EQ(all.open(two, 1), refusal_code::busy);
    EXPECT_EQ(all.open(two, 1, "10.0.0.2"), fine);
}

TEST(upload_limits, give_the_place_of_an_offer_that_waits_to_an_address_that_has_fewer) {
    limits_fixture all{{.max_uploads = 4, .min_free_space = 0}};
    upload_limits::place busy, oldest, newer, newest, first, second;
    for (auto* const each : {&busy, &oldest, &newer, &newest})
        EXPECT_EQ(all.open(*each, 2), fine);
    EXPECT_EQ(all.grow(busy, 1), fine);
    EXPECT_EQ(all.open(first, 1), refusal_code::busy) << "none of its own";
    EXPECT_EQ(all.open(first, 1, "10.0.0.2"), fine);
    EXPECT_TRUE(oldest.displaced());
    EXPECT_FALSE(busy.displaced());
    EXPECT_FALSE(newer.displaced());
    EXPECT_EQ(all.grow(oldest, 1), refusal_code::busy);
    EXPECT_EQ(all.open(second, 1, "10.0.0.2"), refusal_code::busy) << "two each would be less than two and two";
    EXPECT_EQ(all.open(second, 1, "10.0.0.3"), fine);
    EXPECT_TRUE(newer.displaced());
    EXPECT_EQ(all.limits.open_now(), 4);
    oldest = {};
    newer = {};
    EXPECT_EQ(all.limits.open_now(), 4) << "they were not counted any more";
    busy = {};
    EXPECT_EQ(all.open(busy, 1), fine);
}

TEST(upload_limits, are_crowded_when_more_than_half_of_the_places_are_taken) {
    limits_fixture all{{.max_uploads = 4, .max_uploads_per_address = 3, .min_free_space = 0}};
    upload_limits::place one, two, other;
    EXPECT_EQ(all.open(one, 1), fine);
    EXPECT_FALSE(one.crowded());
    EXPECT_EQ(all.open(two, 1), fine);
    EXPECT_TRUE(one.crowded()) << "of its address";
    EXPECT_EQ(all.open(other, 1, "10.0.0.2"), fine);
    EXPECT_TRUE(other.crowded());
}

TEST(upload_limits, of_one_address_do_not_concern_peers_of_a_unix_socket) {
    limits_fixture all{{.max_total = 100,
                        .max_bytes_per_address = 1,
                        .max_files_per_address = 1,
                        .max_uploads_per_address = 1,
                        .min_free_space = 0}};
    ::sockaddr_un raw{};
    raw.sun_family = AF_UNIX;
    const endpoint local{reinterpret_cast<const ::sockaddr*>(&raw), sizeof raw};
    std::vector<upload_limits::place> many(4);
    for (auto& each : many) {
        ASSERT_FALSE(all.limits.open(each, local, 2, false, all.now));
        EXPECT_EQ(all.grow(each, 3), fine);
        EXPECT_FALSE(each.crowded());
        each.stored();
    }
    EXPECT_EQ(all.grow(many.front(), 89), refusal_code::quota) << "other limits do";
}

TEST(upload_limits, count_what_is_kept_as_a_file_and_its_going_on_not_again) {
    limits_fixture all{{.max_files_per_address = 1, .min_free_space = 0}};
    {
        upload_limits::place cut;
        EXPECT_EQ(all.open(cut, 1), fine);
        cut.kept();
    }
    upload_limits::place another, same;
    EXPECT_EQ(all.open(another, 1), refusal_code::quota);
    EXPECT_FALSE(all.limits.open(same, ipv4("10.0.0.1"), 1, true, all.now));
}

TEST(upload_limits, give_back_what_came_of_a_file_that_is_gone) {
    limits_fixture all{{.max_total = 1'000, .min_free_space = 0}};
    upload_limits::place next;
    {
        upload_limits::place failed;
        EXPECT_EQ(all.open(failed, 900), fine);
        EXPECT_EQ(all.grow(failed, 900), fine);
        EXPECT_EQ(all.open(next, 900), refusal_code::quota);
    }
    EXPECT_EQ(all.open(next, 900), fine);
}

TEST(upload_limits, say_when_the_disk_cannot_be_asked) {
    limits_fixture all{{.min_free_space = 1}};
    all.disk.fail_at(1, EIO);
    upload_limits::place one;
    EXPECT_EQ(all.open(one, 1), refusal_code::storage);
}

} // namespace fairlead::test
