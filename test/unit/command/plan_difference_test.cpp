#include "config/plan_difference.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::command {

namespace {

using fate_kind = listener_fate::kind;
using option_values = std::vector<std::pair<std::string, std::string>>;

std::shared_ptr<planned_listener> planned(const std::string& handler, const std::string& url,
                                          const option_values& more = {}) {
    command_line given{.handler = handler, .settings = {{.name = "listen", .values = {url}}}};
    for (const auto& [name, value] : more) {
        const bool is_flag = value == "true";
        given.settings.push_back(
            {.name = name, .values = {value}, .written = is_flag ? setting::form::flag : setting::form::text});
    }
    return make_plan(given).listeners.front();
}

std::vector<running_listener> running(const std::vector<std::shared_ptr<planned_listener>>& listeners) {
    return {listeners.begin(), listeners.end()};
}

serve_plan next_plan(std::vector<std::shared_ptr<planned_listener>> listeners) {
    serve_plan made;
    made.listeners = std::move(listeners);
    return made;
}

/// The fate of the only listener.
listener_fate fate_between(const std::shared_ptr<planned_listener>& before,
                           const std::shared_ptr<planned_listener>& next) {
    plan_difference found = compare(running({before}), next_plan({next}));
    return std::move(found.running.front());
}

std::vector<std::string> texts_of(const std::vector<value_change>& changed) {
    std::vector<std::string> found;
    for (const value_change& each : changed)
        found.push_back(each.to_string());
    return found;
}

using texts = std::vector<std::string>;

const std::string tcp = "tcp://127.0.0.1:1";
const std::string udp = "udp://127.0.0.1:1";

} // namespace

TEST(plan_difference, lets_a_listener_stay_that_has_the_same_values) {
    const listener_fate found = fate_between(planned("echo", tcp), planned("echo", tcp));
    EXPECT_EQ(found.effect, fate_kind::stays);
    EXPECT_TRUE(found.applied.empty());
    EXPECT_TRUE(found.left.empty());
}

TEST(plan_difference, sets_other_limits_of_a_listener_that_stays) {
    const auto before = planned("echo", tcp, {{"max-sessions", "1"}});
    const listener_fate found = fate_between(before, planned("echo", tcp, {{"max-sessions", "2"}}));
    EXPECT_EQ(found.effect, fate_kind::stays);
    EXPECT_EQ(texts_of(found.applied), texts{"max-sessions: 1 -> 2"});
    const running_listener now = after(running_listener{before}, found);
    EXPECT_EQ(now.plan, before);
    EXPECT_EQ(now.limits.max_sessions, 2u);
}

TEST(plan_difference, changes_handler_framing_and_messages_in_place) {
    struct {
        std::shared_ptr<planned_listener> before, next;
        texts applied;
    } cases[] = {
        {planned("echo", tcp), planned("uppercase", tcp), {R"(handler: "echo" -> "uppercase")"}},
        {planned("echo", tcp, {{"prefix", "> "}}),
         planned("reply", tcp, {{"text", "no"}}),
         {R"(handler: "echo" -> "reply")", R"(text: not set -> "no")"}},
        {planned("echo", tcp), planned("chat", tcp), {R"(handler: "echo" -> "chat")"}},
        {planned("echo", tcp), planned("echo", tcp, {{"prefix", "> "}}), {R"(prefix: not set -> "> ")"}},
        {planned("echo", tcp),
         planned("echo", tcp, {{"framing", "line"}}),
         {R"(framing: "length" -> "line")", R"(max-message: "1MiB" -> "16KiB")"}},
        {planned("echo", tcp), planned("echo", tcp, {{"max-message", "5"}}), {R"(max-message: "1MiB" -> 5)"}},
        {planned("echo", "ws://127.0.0.1:1/"),
         planned("echo", "ws://127.0.0.1:1/", {{"ws-text", "true"}}),
         {"ws-text: false -> true"}},
        {planned("echo", "tls://127.0.0.1:1", {{"tls-certificate", "a.pem"}, {"tls-key", "a.key"}}),
         planned("echo", "tls://127.0.0.1:1", {{"tls-certificate", "b.pem"}, {"tls-key", "a.key"}}),
         {R"(tls-certificate: ["a.pem"] -> ["b.pem"])"}},
    };
    for (const auto& [before, next, applied] : cases) {
        const listener_fate found = fate_between(before, next);
        EXPECT_EQ(found.effect, fate_kind::changes) << applied.front();
        EXPECT_EQ(texts_of(found.applied), applied);
        EXPECT_TRUE(found.left.empty()) << applied.front();
        const running_listener now = after(running_listener{before}, found);
        EXPECT_EQ(now.plan, next);
        EXPECT_EQ(fate_between(next, next).effect, fate_kind::stays);
        EXPECT_TRUE(changes(now.values, running_listener{next}.values).empty());
    }
}

TEST(plan_difference, has_no_change_for_a_listener_of_udp_but_limits) {
    const auto before = planned("echo", udp);
    const listener_fate found =
        fate_between(before, planned("uppercase", udp, {{"max-sessions", "7"}, {"max-message", "5"}}));
    EXPECT_EQ(found.effect, fate_kind::stays);
    ASSERT_EQ(found.applied.size(), 1u);
    EXPECT_EQ(found.applied.front().name, "max-sessions");
    ASSERT_EQ(found.left.size(), 2u);
    EXPECT_EQ(found.left[0].to_string(), R"(handler: "echo" -> "uppercase")");
    EXPECT_EQ(found.left[1].name, "max-message");
    const running_listener now = after(running_listener{before}, found);
    EXPECT_EQ(now.limits.max_sessions, 7u);
    EXPECT_EQ(texts_of(compare({now}, next_plan({planned("echo", udp, {{"max-sessions", "7"}})})).running[0].applied),
              texts{})
        << "what needs a restart is no value of the listener that runs";
}

TEST(plan_difference, keeps_proxies_that_come_or_go_from_a_listener_that_changes) {
    const listener_fate come = fate_between(planned("echo", tcp), planned("uppercase", tcp, {{"proxy-from", "::1"}}));
    EXPECT_EQ(come.effect, fate_kind::changes);
    EXPECT_EQ(texts_of(come.left), texts{R"(proxy-from: not set -> ["::1"])"});
    EXPECT_TRUE(come.next->options.proxy.trusted.empty());
    const auto before = planned("echo", tcp, {{"proxy-from", "::1"}});
    const listener_fate go = fate_between(before, planned("uppercase", tcp));
    EXPECT_EQ(go.effect, fate_kind::changes);
    EXPECT_EQ(texts_of(go.left), texts{R"(proxy-from: ["::1"] -> not set)"});
    EXPECT_EQ(go.next->options.proxy.trusted.size(), 1u);
    EXPECT_EQ(after(running_listener{before}, go).proxies.trusted.size(), 1u);
    const listener_fate stay = fate_between(before, planned("echo", tcp, {{"proxy-from", "::2"}}));
    EXPECT_EQ(stay.effect, fate_kind::stays);
    EXPECT_EQ(texts_of(stay.applied), texts{R"(proxy-from: ["::1"] -> ["::2"])"});
}

TEST(plan_difference, keeps_the_broker_of_a_chat) {
    const auto before = planned("chat", tcp, {{"topics", "nats://a:1"}});
    const listener_fate found =
        fate_between(before, planned("chat", tcp, {{"topics", "nats://b:1"}, {"chat-rate", "3"}}));
    EXPECT_EQ(found.effect, fate_kind::changes);
    EXPECT_EQ(texts_of(found.left), texts{R"(topics: "nats://a:1" -> "nats://b:1")"});
    EXPECT_EQ(found.next->options.broker.url, "nats://a:1");
    const running_listener now = after(running_listener{before}, found);
    const auto other_user = planned("chat", tcp, {{"topics", "nats://a:1"}, {"topics-credentials", "b.creds"}});
    EXPECT_EQ(fate_between(before, other_user).left.size(), 1u);
    EXPECT_EQ(fate_between(before, other_user).next->options.broker.credentials_file, "");
    EXPECT_EQ(texts_of(fate_between(before, planned("echo", tcp)).left), texts{}) << "another handler has none";
    EXPECT_EQ(compare({now}, next_plan({planned("chat", tcp, {{"topics", "nats://b:1"}, {"chat-rate", "3"}})}))
                  .running[0]
                  .left.size(),
              1u)
        << "each reload names it";
}

TEST(plan_difference, makes_a_relay_anew_which_reads_the_certificates_of_its_target) {
    const auto relaying = [] { return planned("relay", tcp, {{"to", "tls://127.0.0.1:2"}}); };
    const listener_fate found = fate_between(relaying(), relaying());
    EXPECT_EQ(found.effect, fate_kind::changes);
    EXPECT_TRUE(found.applied.empty());
}

TEST(plan_difference, finds_listeners_that_come_and_go) {
    const auto goes = planned("echo", tcp);
    const auto comes = planned("echo", "tcp://127.0.0.1:2");
    const plan_difference found = compare(running({goes}), next_plan({comes}));
    EXPECT_EQ(found.running[0].effect, fate_kind::goes);
    ASSERT_EQ(found.added.size(), 1u);
    EXPECT_EQ(found.added[0], comes);
    EXPECT_TRUE(found.left.empty());
}

TEST(plan_difference, leaves_urls_of_udp_that_change_in_part) {
    const auto before = planned("echo", udp);
    before->options.listen.push_back(tcp);
    const plan_difference found =
        compare(running({before}), next_plan({planned("echo", udp), planned("echo", "ws://127.0.0.1:1/")}));
    EXPECT_EQ(found.running[0].effect, fate_kind::needs_restart);
    EXPECT_TRUE(found.added.empty());
    EXPECT_EQ(found.left.size(), 2u) << "its socket for connections stays with it";
}

TEST(plan_difference, keeps_the_sockets_of_a_listener_for_a_table_that_needs_a_restart) {
    const auto of_datagrams = planned("echo", udp);
    of_datagrams->options.listen.emplace_back("udp://127.0.0.1:9");
    const auto joined = planned("echo", tcp);
    joined->options.listen.emplace_back(udp);
    const plan_difference found = compare(running({planned("echo", tcp), of_datagrams}), next_plan({joined}));
    EXPECT_EQ(found.running[0].effect, fate_kind::needs_restart);
    EXPECT_EQ(found.running[1].effect, fate_kind::needs_restart);
    EXPECT_EQ(found.left.size(), 1u);
}

} // namespace fairlead::command
