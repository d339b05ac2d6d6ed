#include "datagram/peer_ranking.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace fairlead::test {

namespace {

constexpr std::uint64_t ranking_seed = 0x5EED;
constexpr std::uint64_t newcomer = 999'999;

/// Peers with places, each known by its number.
class peers {
public:
    explicit peers(peer_ranking& among) : ranking_{among} {}
    ~peers() {
        for (peer_ranking::place& each : places_)
            ranking_.remove(each);
    }

    // Gives the number.
    int add(std::uint64_t source) {
        ranking_.add(places_.emplace_back(), source);
        return static_cast<int>(places_.size()) - 1;
    }
    void hear(int number) { ranking_.note_heard(at(number)); }
    bool remove(int number) { return ranking_.remove(at(number)); }

    // -1: none.
    int chosen_for(std::uint64_t source) {
        const peer_ranking::place* const chosen = ranking_.choose_for(source);
        for (std::size_t i = 0; i < places_.size(); ++i) {
            if (&places_[i] == chosen)
                return static_cast<int>(i);
        }
        return -1;
    }

private:
    peer_ranking::place& at(int number) { return places_[static_cast<std::size_t>(number)]; }

    peer_ranking& ranking_;
    std::deque<peer_ranking::place> places_;
};

} // namespace

TEST(peer_ranking, chooses_nobody_among_nobody) {
    peer_ranking ranking{ranking_seed};
    EXPECT_EQ(ranking.choose_for(1), nullptr);
    peer_ranking::place never_added;
    EXPECT_FALSE(ranking.remove(never_added));
    ranking.note_heard(never_added);
    EXPECT_EQ(ranking.size(), 0u);
}

TEST(peer_ranking, chooses_the_source_that_holds_most) {
    peer_ranking ranking{ranking_seed};
    peers known{ranking};
    const int small = known.add(1);
    const int first_of_large = known.add(2);
    const int second_of_large = known.add(2);
    EXPECT_EQ(known.chosen_for(newcomer), first_of_large);
    EXPECT_EQ(known.chosen_for(1), first_of_large);
    EXPECT_EQ(known.chosen_for(2), -1) << "it holds most itself";
    known.remove(first_of_large);
    known.hear(second_of_large);
    EXPECT_EQ(known.chosen_for(newcomer), small);
}

TEST(peer_ranking, chooses_of_a_source_those_heard_once_and_then_who_was_heard_longest_ago) {
    peer_ranking ranking{ranking_seed};
    peers known{ranking};
    const int a = known.add(1), b = known.add(1), c = known.add(1), d = known.add(1);
    known.hear(a);
    known.hear(b);
    known.hear(a);
    for (const int expected : {c, d, b, a}) {
        EXPECT_EQ(known.chosen_for(newcomer), expected);
        EXPECT_TRUE(known.remove(expected));
        EXPECT_FALSE(known.remove(expected));
    }
    EXPECT_EQ(ranking.size(), 0u);
}

TEST(peer_ranking, spares_those_heard_again_from_a_flood_of_forged_sources) {
    peer_ranking ranking{ranking_seed};
    peers known{ranking};
    std::vector<int> real;
    for (std::uint64_t source = 1; source <= 50; ++source) {
        real.push_back(known.add(source));
        known.hear(real.back());
    }
    std::vector<int> forged;
    for (std::uint64_t source = 1'000; source < 1'950; ++source)
        forged.push_back(known.add(source));
    for (std::size_t i = 0; i < 1'000; ++i) {
        const int chosen = known.chosen_for(100'000 + i);
        ASSERT_EQ(chosen, forged[i]) << "the forged one that came first";
        known.remove(chosen);
        forged.push_back(known.add(100'000 + i));
    }
    EXPECT_EQ(ranking.size(), 1'000u);
}

TEST(peer_ranking, lets_newcomers_in_where_one_source_has_all_places) {
    peer_ranking ranking{ranking_seed};
    peers known{ranking};
    std::vector<int> hog;
    for (int i = 0; i < 640; ++i) {
        hog.push_back(known.add(1));
        known.hear(hog.back());
    }
    std::size_t at = 0;
    for (std::uint64_t source = 2; source < 500; ++source) {
        EXPECT_EQ(known.chosen_for(1), -1);
        ASSERT_EQ(known.chosen_for(source), hog[at]) << "not one of the newcomers, though they were heard once";
        known.remove(hog[at++]);
        known.add(source);
    }
}

TEST(peer_ranking, lets_a_source_have_a_fair_part_before_it_is_refused) {
    peer_ranking ranking{ranking_seed};
    peers known{ranking};
    for (std::uint64_t source = 1; source <= 640; ++source)
        known.add(source);
    for (int held = 0; held < 10; ++held) { // 640 / 64
        ASSERT_NE(known.chosen_for(newcomer), -1) << held;
        known.remove(known.chosen_for(newcomer));
        known.add(newcomer);
    }
    EXPECT_EQ(known.chosen_for(newcomer), -1);
}

// Against a plain model that looks at everybody.
TEST(peer_ranking, agrees_with_a_plain_model) {
    struct modelled {
        std::uint64_t source;
        bool again;
        int heard;
        int number;
    };
    std::mt19937 random{20'240'917};
    peer_ranking ranking{ranking_seed};
    peers known{ranking};
    std::vector<modelled> model;
    int time = 0;
    const auto count_of = [&](std::uint64_t source) {
        return static_cast<std::size_t>(
            std::count_if(model.begin(), model.end(), [&](const auto& each) { return each.source == source; }));
    };
    for (int step = 0; step < 4'000; ++step) {
        const std::uint64_t source = random() % 8;
        if (model.size() < 2 || (model.size() < 200 && random() % 3 == 0)) {
            model.push_back({source, false, ++time, known.add(source)});
        } else if (random() % 2) {
            modelled& heard = model[random() % model.size()];
            heard.again = true;
            heard.heard = ++time;
            known.hear(heard.number);
        } else {
            const std::size_t gone = random() % model.size();
            ASSERT_TRUE(known.remove(model[gone].number));
            model.erase(model.begin() + static_cast<std::ptrdiff_t>(gone));
        }
        ASSERT_EQ(ranking.size(), model.size());

        std::size_t most = 0;
        for (std::uint64_t each = 0; each < 8; ++each)
            most = std::max(most, count_of(each));
        const std::size_t fair = std::max<std::size_t>(1, model.size() / 64);
        const std::size_t held = count_of(source);
        const bool from_largest = most > fair && held < most;
        const int chosen = known.chosen_for(source);
        if (!from_largest && held >= fair) {
            ASSERT_EQ(chosen, -1);
            continue;
        }
        const auto found =
            std::find_if(model.begin(), model.end(), [&](const auto& each) { return each.number == chosen; });
        ASSERT_NE(found, model.end());
        if (from_largest) {
            ASSERT_EQ(count_of(found->source), most);
        }
        for (const modelled& other : model) {
            if (from_largest && other.source != found->source)
                continue;
            ASSERT_FALSE(found->again && !other.again);
            ASSERT_FALSE(found->again == other.again && found->heard > other.heard);
        }
    }
}

} // namespace fairlead::test
