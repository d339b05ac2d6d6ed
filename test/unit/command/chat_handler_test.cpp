#include "chat/chat_handler.hpp"

#include "topics/topic_bridge.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/testkit/served.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace fairlead::command {

namespace {

/// Notes what it is given, or refuses it.
class scripted_bridge final : public topic_bridge {
public:
    void count_in(metrics&) override {}
    void start(shard_core&, receiver& to) override { others = &to; }
    void subscribe(std::string_view) override {}
    void unsubscribe(std::string_view) override {}
    result<void> publish(std::string_view topic, bytes_view message) override {
        if (refusal)
            return refusal;
        published.push_back(std::string{topic} + " " + to_string(message));
        return {};
    }
    void stop() noexcept override {}

    receiver* others = nullptr;
    error_code refusal;
    std::vector<std::string> published;
};

class chat_among_servers : public ::testing::Test {
protected:
    chat_among_servers() { rooms->begin(serving); }
    ~chat_among_servers() override { rooms->end(); }

    testkit::served visit() { return {line{}, chat(rooms, {})}; }

    std::shared_ptr<scripted_bridge> bridge = std::make_shared<scripted_bridge>();
    std::shared_ptr<chat_rooms> rooms = std::make_shared<chat_rooms>(bridge);
    server serving; // never runs: the visitors have shards of their own
};

} // namespace

TEST_F(chat_among_servers, tells_a_visitor_that_its_line_stayed_at_this_server) {
    auto ann = visit();
    ann.take("/nick Ann\n");
    bridge->refusal = make_error_code(errc::refused_by_limit);
    const std::string told = ann.take("hello\n");
    EXPECT_NE(told.find("Ann: hello\n"), told.npos) << told;
    EXPECT_NE(told.find("* only the visitors at this server got your line: too many lines wait"), told.npos) << told;
}

TEST_F(chat_among_servers, keeps_a_line_that_stayed_at_this_server_for_those_who_come) {
    auto ann = visit();
    ann.take("/nick Ann\n");
    bridge->refusal = make_error_code(errc::refused_by_limit);
    ann.take("hello\n");
    EXPECT_NE(visit().take().find("Ann: hello\n"), std::string::npos);
}

TEST_F(chat_among_servers, tells_a_gap_to_the_room_that_it_concerns_and_to_no_other_server) {
    auto ann = visit(), bob = visit();
    bob.take("/join garden\n");
    ann.take();
    bridge->published.clear();
    bridge->others->lost("room/garden", 3);
    bridge->others->lost("room/garden", 0);
    EXPECT_EQ(ann.take(), "");
    EXPECT_EQ(bob.take(), "* 3 lines from other servers were lost\n"
                          "* the other servers could not be reached for a while; lines from there may be missing\n");
    EXPECT_EQ(bridge->published, std::vector<std::string>{});
}

} // namespace fairlead::command
