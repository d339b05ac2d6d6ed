#include "server/placement.hpp"

#include "core/unique_descriptor.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/runtime.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <vector>

namespace fairlead::test {

namespace {

/// A server's sessions on three shards, which run when a test polls them.
class placing : public ::testing::Test {
protected:
    placing() {
        for (std::size_t i = 0; i < home.size(); ++i)
            services.push_back(std::make_unique<shard_service>(core_of(home[i])));
        admitted.set_most(100);
    }
    ~placing() override {
        admitted.close();
        for (const auto& each : services)
            each->sessions.close();
    }

    /// Places a connection and keeps its other end open.
    void place(const endpoint& remote = {}) {
        int ends[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        peers.emplace_back(ends[0]);
        placed.place(listener, {unique_descriptor{ends[1]}, remote}, rules);
    }

    std::vector<std::size_t> loads() const {
        std::vector<std::size_t> found;
        for (const auto& each : services)
            found.push_back(each->sessions.load());
        return found;
    }

    void poll() {
        for (std::size_t i = 0; i < home.size(); ++i)
            home[i].poll();
    }

    limits bounds{.max_sessions_per_address = 2};
    std::vector<unique_descriptor> peers;
    shard_services services;
    admission admitted{[] {}};
    const std::unique_ptr<admission::listener> door{admitted.add(bounds)};
    admission::listener& listener{*door};
    std::string refused; // what the program was told
    placement placed{services, admitted, [this](const endpoint& from, std::string_view why) {
                         refused += from.to_string() + " " + std::string{why} + "\n";
                     }};
    std::shared_ptr<const session_rules> rules{
        std::make_shared<const session_rules>(session_rules{raw{}, echo(), std::make_shared<const limits>(bounds)})};
    runtime home{3};
};

using counts = std::vector<std::size_t>;

TEST_F(placing, chooses_the_shard_with_the_fewest_sessions_and_the_first_of_equals) {
    place();
    EXPECT_EQ(loads(), (counts{1, 0, 0}));
    place();
    place();
    EXPECT_EQ(loads(), (counts{1, 1, 1})) << "those on their way count";
    poll();
    place();
    place();
    EXPECT_EQ(loads(), (counts{2, 2, 1}));
    poll();
    EXPECT_EQ(services[1]->sessions.left(), 2u);
}

TEST_F(placing, chooses_a_shard_whose_sessions_have_ended) {
    for (int i = 0; i < 6; ++i)
        place();
    poll();
    peers.erase(peers.begin() + 2); // the first on the third shard
    poll();
    EXPECT_EQ(loads(), (counts{2, 2, 1}));
    place();
    EXPECT_EQ(loads(), (counts{2, 2, 2}));
}

endpoint somebody() {
    const ::sockaddr_in address{.sin_family = AF_INET, .sin_port = 1, .sin_addr = {0x0100007F}, .sin_zero = {}};
    return {reinterpret_cast<const ::sockaddr*>(&address), sizeof address};
}

TEST_F(placing, refuses_an_address_with_as_many_sessions_as_it_may_have) {
    for (int i = 0; i < 4; ++i)
        place(somebody());
    EXPECT_EQ(placed.counted().refused_for_address.value(), 2u);
    const std::string told =
        somebody().to_string() + " its address has too many sessions (--max-sessions-per-address)\n";
    EXPECT_EQ(refused, told + told);
    EXPECT_EQ(loads(), (counts{1, 1, 0}));
}

TEST_F(placing, refuses_those_without_an_address_when_less_than_an_eighth_of_the_memory_is_left) {
    const auto budget = std::make_shared<buffer_budget>(1'000);
    core_of(home[0]).blocks().use(budget);
    budget->add(875);
    place();
    EXPECT_EQ(placed.counted().refused_for_memory.value(), 0u);
    budget->add(1);
    place();
    EXPECT_EQ(placed.counted().refused_for_memory.value(), 1u);
    EXPECT_NE(refused.find("are nearly full"), std::string::npos) << refused;
    EXPECT_EQ(loads(), (counts{1, 0, 0}));
    place(somebody());
    EXPECT_EQ(loads(), (counts{1, 1, 0})) << "an address that has few gets in";
    budget->add(-876);
}

TEST_F(placing, closes_what_arrives_after_the_end) {
    place();
    place();
    for (const auto& each : services) {
        each->sessions.cut_off("the test is over");
        each->sessions.close();
    }
    poll();
    EXPECT_EQ(loads(), (counts{0, 0, 0}));
}

} // namespace

} // namespace fairlead::test
