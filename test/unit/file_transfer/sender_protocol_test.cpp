#include "file_transfer/sender_protocol.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace fairlead::file_transfer {

namespace {

using step = sender_protocol::step;

constexpr std::uint64_t mib = 1024 * 1024;

/// A sender that does what it is told, with files of which nothing is read.
class sender {
public:
    explicit sender(std::vector<std::optional<std::uint64_t>> sizes,
                    std::size_t window = sender_protocol::default_window)
        : sizes_{std::move(sizes)}, next{sizes_.size(), window} {}

    /// One step, as text: "offer 0", "compare 0 to 5", "send 0 at 0+4", "finish 0 at 4", "wait", "end".
    std::string work() {
        const auto task = next.next();
        const std::string file = std::to_string(task.file);
        const std::string offset = std::to_string(task.offset);
        switch (task.action) {
        case step::offer:
            last_offer = next.offered(task.file, {.name = file, .size = sizes_[task.file], .resume = "token"});
            return "offer " + file;
        case step::compare: next.compared(task.file, digest_of("mine")); return "compare " + file + " to " + offset;
        case step::send: {
            const std::size_t size = sizes_[task.file] ? task.most : std::min(task.most, stream_left);
            stream_left -= sizes_[task.file] ? 0 : size;
            if (size == 0)
                next.reached_end(task.file);
            else
                next.sent(task.file, task.offset, size);
            return "send " + file + " at " + offset + "+" + std::to_string(size);
        }
        case step::finish:
            next.finished(task.file, task.offset, digest_of("all"));
            return "finish " + file + " at " + offset;
        case step::wait: return "wait";
        case step::end: return "end";
        }
        return {};
    }

    /// Steps until there is nothing to do but wait.
    std::vector<std::string> work_on() {
        std::vector<std::string> steps;
        do
            steps.push_back(work());
        while (steps.back() != "wait" && steps.back() != "end");
        return steps;
    }

private:
    std::vector<std::optional<std::uint64_t>> sizes_;

public:
    sender_protocol next;
    offer last_offer;
    std::size_t stream_left = 0; // bytes of a file of unknown size
};

using steps = std::vector<std::string>;

accept accepted(file_id id, std::size_t chunk = 4) {
    return {.id = id, .chunk = chunk};
}

stored whole(file_id id, std::uint64_t size) {
    return {.id = id, .name = "n", .size = size, .hash = digest_of("all")};
}

/// Why a reply makes no sense; empty when it does.
std::string nonsense_in(sender_protocol& next, const message& reply) {
    const auto verdict = next.take(reply);
    const auto* const wrong = std::get_if<sender_protocol::nonsense>(&verdict);
    return wrong ? wrong->why : "";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST(sending, sends_a_file_in_pieces_and_waits_until_it_is_stored) {
    sender one{{10}};
    EXPECT_EQ(one.work_on(), (steps{"offer 0", "wait"}));
    EXPECT_EQ(one.last_offer.id, 1u);
    EXPECT_EQ(nonsense_in(one.next, accepted(1)), "");
    EXPECT_EQ(one.work_on(), (steps{"send 0 at 0+4", "send 0 at 4+4", "send 0 at 8+2", "finish 0 at 10", "wait"}));
    const auto verdict = one.next.take(whole(1, 10));
    ASSERT_TRUE(std::holds_alternative<sender_protocol::ending>(verdict));
    EXPECT_EQ(std::get<sender_protocol::ending>(verdict).file, 0u);
    EXPECT_TRUE(std::holds_alternative<stored>(std::get<sender_protocol::ending>(verdict).how));
    EXPECT_EQ(one.work_on(), steps{"end"});
}

TEST(sending, has_nothing_to_do_without_files) {
    EXPECT_EQ(sender{{}}.work(), "end");
}

TEST(sending, finishes_an_empty_file_without_a_piece) {
    sender one{{0}};
    one.work();
    one.next.take(accepted(1));
    EXPECT_EQ(one.work_on(), (steps{"finish 0 at 0", "wait"}));
}

TEST(sending, ends_a_file_of_unknown_size_where_it_ends) {
    sender one{{{}}};
    one.stream_left = 6;
    one.work();
    one.next.take(accepted(1));
    EXPECT_EQ(one.work_on(), (steps{"send 0 at 0+4", "send 0 at 4+2", "send 0 at 6+0", "finish 0 at 6", "wait"}));
}

TEST(sending, offers_small_files_ahead_up_to_the_window) {
    sender many{std::vector<std::optional<std::uint64_t>>(5, 4), 3};
    EXPECT_EQ(many.work_on(), (steps{"offer 0", "offer 1", "offer 2", "wait"}));
    many.next.take(accepted(2));
    EXPECT_EQ(many.work_on(), (steps{"send 1 at 0+4", "finish 1 at 4", "wait"})) << "finished files are open still";
    many.next.take(whole(2, 4));
    EXPECT_EQ(many.work_on(), (steps{"offer 3", "wait"}));
}

TEST(sending, never_has_more_files_open_than_the_protocol_allows) {
    sender many{std::vector<std::optional<std::uint64_t>>(100, 0), 1000};
    many.work_on();
    EXPECT_EQ(many.next.open(), max_open_files);
}

TEST(sending, offers_nothing_ahead_of_much_that_is_to_be_sent) {
    sender two{{12 * mib, 4}};
    EXPECT_EQ(two.work_on(), (steps{"offer 0", "wait"}));
    two.next.take(accepted(1, mib));
    for (int piece = 0; piece < 4; ++piece)
        EXPECT_EQ(two.work().substr(0, 6), "send 0");
    EXPECT_EQ(two.work().substr(0, 6), "send 0");
    EXPECT_EQ(two.work(), "offer 1") << "a little before the end, so that no time is lost";
}

TEST(sending, offers_nothing_ahead_of_a_stream) {
    sender two{{{}, 4}};
    EXPECT_EQ(two.work_on(), (steps{"offer 0", "wait"}));
}

TEST(sending, sends_files_one_after_the_other) {
    sender two{{8, 8}};
    two.work_on();
    two.next.take(accepted(1));
    two.next.take(accepted(2));
    EXPECT_EQ(two.work_on(), (steps{"send 0 at 0+4", "send 0 at 4+4", "finish 0 at 8", "send 1 at 0+4", "send 1 at 4+4",
                                    "finish 1 at 8", "wait"}));
}

TEST(sending, sends_pieces_no_larger_than_its_own_limit) {
    sender one{{5 * mib}};
    one.work();
    one.next.take(accepted(1, 1000 * mib));
    EXPECT_EQ(one.work(), "send 0 at 0+" + std::to_string(sender_protocol::max_piece));
}

// --- resuming -------------------------------------------------------------------------------------------------------

TEST(sending, goes_on_behind_what_the_receiver_has) {
    sender one{{10}};
    one.work();
    one.next.take(accept{.id = 1, .offset = 6, .hash = digest_of("mine"), .chunk = 4});
    EXPECT_EQ(one.work_on(), (steps{"compare 0 to 6", "send 0 at 6+4", "finish 0 at 10", "wait"}));
}

TEST(sending, begins_anew_where_the_receiver_has_something_else) {
    sender one{{10}};
    one.work();
    one.next.take(accept{.id = 1, .offset = 8, .hash = digest_of("theirs"), .chunk = 8});
    EXPECT_EQ(one.work_on(), (steps{"compare 0 to 8", "send 0 at 0+8", "send 0 at 8+2", "finish 0 at 10", "wait"}));
}

TEST(sending, only_finishes_what_the_receiver_has_all_of) {
    sender one{{10}};
    one.work();
    one.next.take(accept{.id = 1, .offset = 10, .hash = digest_of("mine"), .chunk = 4});
    EXPECT_EQ(one.work_on(), (steps{"compare 0 to 10", "finish 0 at 10", "wait"}));
}

TEST(sending, learns_that_a_file_it_knows_the_hash_of_was_stored_before) {
    sender_protocol next{1};
    next.offered(0, {.name = "a", .size = 10, .hash = digest_of("all")});
    EXPECT_TRUE(std::holds_alternative<sender_protocol::ending>(next.take(whole(1, 10))));
    EXPECT_EQ(next.next().action, step::end);
}

// --- again ----------------------------------------------------------------------------------------------------------

TEST(sending, goes_back_when_a_piece_is_wanted_again) {
    sender one{{8}};
    one.work();
    one.next.take(accepted(1));
    one.work();
    one.next.take(again{.id = 1, .offset = 0});
    EXPECT_EQ(one.work(), "send 0 at 0+4");
}

TEST(sending, goes_back_after_it_has_finished) {
    sender one{{8}};
    one.work();
    one.next.take(accepted(1));
    one.work_on();
    EXPECT_EQ(nonsense_in(one.next, again{.id = 1, .offset = 4}), "");
    EXPECT_EQ(one.work_on(), (steps{"send 0 at 4+4", "finish 0 at 8", "wait"}));
}

TEST(sending, drops_a_piece_that_was_read_before_it_went_back) {
    sender one{{8}};
    one.work();
    one.next.take(accepted(1));
    one.work();
    ASSERT_TRUE(one.next.wants(0, 4));
    one.next.take(again{.id = 1, .offset = 0});
    EXPECT_FALSE(one.next.wants(0, 4));
    EXPECT_FALSE(one.next.sent(0, 4, 4));
    EXPECT_EQ(one.next.next().offset, 0u);
}

TEST(sending, goes_back_only_so_often) {
    sender one{{8}};
    one.work();
    one.next.take(accepted(1));
    for (unsigned times = 0; times < max_repeats; ++times)
        EXPECT_EQ(nonsense_in(one.next, again{.id = 1}), "") << times;
    EXPECT_TRUE(contains(nonsense_in(one.next, again{.id = 1}), "without end"));
}

// --- ends -----------------------------------------------------------------------------------------------------------

TEST(sending, goes_on_with_the_others_when_one_is_refused) {
    sender two{{4, 4}};
    two.work_on();
    const auto verdict = two.next.take(refusal{.id = 1, .code = refusal_code::exists});
    ASSERT_TRUE(std::holds_alternative<sender_protocol::ending>(verdict));
    EXPECT_EQ(std::get<refusal>(std::get<sender_protocol::ending>(verdict).how).code, refusal_code::exists);
    two.next.take(accepted(2));
    EXPECT_EQ(two.work_on(), (steps{"send 1 at 0+4", "finish 1 at 4", "wait"}));
}

TEST(sending, sends_no_more_of_a_file_that_failed) {
    sender one{{8}};
    one.work();
    one.next.take(accepted(1));
    one.work();
    one.next.take(refusal{.id = 1, .accepted = true, .code = refusal_code::space, .retry = true});
    EXPECT_FALSE(one.next.sent(0, 4, 4)) << "it was being read meanwhile";
    EXPECT_FALSE(one.next.abandoned(0));
    EXPECT_EQ(one.work(), "end");
}

TEST(sending, gives_no_id_to_a_file_that_cannot_be_read) {
    sender_protocol next{2};
    next.skipped(0);
    EXPECT_EQ(next.next().file, 1u);
    EXPECT_EQ(next.offered(1, {.name = "b", .size = 1}).id, 1u);
    EXPECT_EQ(next.open(), 1u);
}

TEST(sending, takes_back_a_file_and_passes_over_what_was_said_of_it_meanwhile) {
    sender one{{8}};
    one.work();
    one.next.take(accepted(1));
    const auto taken_back = one.next.abandoned(0);
    ASSERT_TRUE(taken_back);
    EXPECT_EQ(taken_back->id, 1u);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(one.next.take(again{.id = 1})));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(one.next.take(whole(1, 8))));
    EXPECT_EQ(one.work(), "end");
}

TEST(sending, tells_whether_another_connection_makes_sense_when_the_receiver_ends_this_one) {
    sender_protocol next{1};
    const auto later = next.take(refusal{.code = refusal_code::busy, .reason = "full\n", .retry = true});
    ASSERT_TRUE(std::holds_alternative<sender_protocol::nonsense>(later));
    EXPECT_TRUE(std::get<sender_protocol::nonsense>(later).retry);
    EXPECT_TRUE(contains(std::get<sender_protocol::nonsense>(later).why, "full\\n")) << "as it can be shown";
    next.offered(0, {.name = "a"});
    const auto never = next.take(refusal{.id = 1, .code = refusal_code::protocol, .reason = "what?"});
    ASSERT_TRUE(std::holds_alternative<sender_protocol::nonsense>(never));
    EXPECT_FALSE(std::get<sender_protocol::nonsense>(never).retry);
}

// --- replies that make no sense -------------------------------------------------------------------------------------

TEST(sending, says_what_is_wrong_with_a_reply) {
    struct sample {
        const char* what;
        std::vector<message> replies; // to the offer of a file of 8 bytes; all but the last make sense
        const char* why;
    };
    const sample samples[] = {
        {"an echo", {offer{.id = 1, .name = "a"}}, "echo server"},
        {"no file", {accepted(0)}, "not offered"},
        {"another file", {accepted(2)}, "not offered"},
        {"twice accepted", {accepted(1), accepted(1)}, "twice"},
        {"no bytes", {accepted(1, 0)}, "no bytes"},
        {"without a hash", {accept{.id = 1, .offset = 4, .chunk = 4}}, "without saying"},
        {"behind the end", {accept{.id = 1, .offset = 9, .hash = digest{}, .chunk = 4}}, "behind the end"},
        {"again too early", {again{.id = 1}}, "did not accept"},
        {"again what was not sent", {accepted(1), again{.id = 1, .offset = 1}}, "not sent"},
        {"stored too early", {accepted(1), whole(1, 8)}, "not sent"},
        {"after the end", {refusal{.id = 1, .code = refusal_code::exists}, accepted(1)}, "has ended"},
    };
    for (const sample& each : samples) {
        sender one{{8}};
        one.work();
        for (std::size_t i = 0; i + 1 < each.replies.size(); ++i)
            EXPECT_EQ(nonsense_in(one.next, each.replies[i]), "") << each.what;
        EXPECT_TRUE(contains(nonsense_in(one.next, each.replies.back()), each.why)) << each.what;
    }
}

TEST(sending, finds_that_something_else_was_stored) {
    for (const stored& wrong : {stored{.id = 1, .size = 8, .hash = digest_of("other")}, whole(1, 7)}) {
        sender one{{8}};
        one.work();
        one.next.take(accepted(1));
        one.work_on();
        EXPECT_TRUE(contains(nonsense_in(one.next, wrong), "something else"));
    }
}

TEST(sending, does_not_let_a_receiver_resume_what_has_no_token) {
    sender_protocol next{1};
    next.offered(0, {.name = "a", .size = 8});
    EXPECT_TRUE(contains(nonsense_in(next, accept{.id = 1, .offset = 4, .hash = digest{}, .chunk = 4}), "without"));
}

} // namespace fairlead::file_transfer
