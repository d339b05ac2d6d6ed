#include "file_transfer/receiver_protocol.hpp"

#include "support/file_uploads.hpp"

#include <cerrno>
#include <gtest/gtest.h>
#include <stdexcept>
#include <variant>

namespace fairlead::test {

namespace {

using namespace file_transfer;

const std::string hello = "hello, harbour";

offer offer_of(std::string name, std::string_view whole, std::string resume = {}) {
    return {.id = 1, .name = std::move(name), .size = whole.size(), .resume = std::move(resume)};
}

/// The only reply, which is of this kind.
template <class Kind>
Kind only(const std::vector<message>& replies) {
    if (replies.size() != 1 || !std::holds_alternative<Kind>(replies.front()))
        throw std::runtime_error{"another reply, or not one: " +
                                 (replies.empty() ? "none" : write_message(replies.front()))};
    return std::get<Kind>(replies.front());
}

/// Sends a whole file as it should be; gives the last reply.
message send_whole(fake_sender& sender, const offer& what, std::string_view whole) {
    const auto begun = sender.say(what);
    if (!std::holds_alternative<accept>(begun.at(0)))
        return begun.at(0);
    const std::size_t from = std::get<accept>(begun.at(0)).offset;
    if (from < whole.size()) {
        const auto failed = sender.say(piece_of(what.id, from, whole.substr(from)));
        if (!failed.empty())
            return failed.at(0);
    }
    return sender.say(end_of(what.id, whole)).at(0);
}

} // namespace

TEST(receiving, stores_a_file_when_it_is_whole_and_not_before) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    const accept accepted = only<accept>(sender.say(offer_of("a.txt", hello)));
    EXPECT_EQ(accepted.offset, 0);
    EXPECT_TRUE(sender.say(piece_of(1, 0, hello.substr(0, 5))).empty());
    EXPECT_TRUE(sender.say(piece_of(1, 5, hello.substr(5))).empty());
    EXPECT_TRUE(receiver.disk.names.empty());

    const stored done = only<stored>(sender.say(end_of(1, hello)));
    EXPECT_EQ(done.name, "a.txt");
    EXPECT_EQ(done.size, hello.size());
    EXPECT_EQ(done.hash, digest_of(hello));
    EXPECT_TRUE(done.durable);
    EXPECT_EQ(receiver.disk.names.at("a.txt")->bytes, hello);
}

TEST(receiving, writes_then_syncs_then_gives_the_name_then_syncs_the_names) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    send_whole(sender, offer_of("a.txt", hello), hello);
    EXPECT_EQ(receiver.disk.log, "wspn");
    EXPECT_TRUE(receiver.disk.names_on_disk.contains("a.txt"));
}

TEST(receiving, does_not_wait_for_the_disk_when_told_so_and_says_so) {
    fake_receiver receiver{{.durable = false, .min_free_space = 0}};
    fake_sender sender{receiver};
    EXPECT_FALSE(std::get<stored>(send_whole(sender, offer_of("a.txt", hello), hello)).durable);
    EXPECT_EQ(receiver.disk.log, "wp");
}

TEST(receiving, waits_once_for_the_names_of_files_that_end_together) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    std::vector<message> all;
    for (file_id id = 1; id <= 3; ++id) {
        all.push_back(offer{.id = id, .name = "f" + std::to_string(id), .size = 2});
        all.push_back(piece_of(id, 0, "ab"));
        all.push_back(end_of(id, "ab"));
    }
    EXPECT_EQ(sender.say_together(all).size(), 6);
    EXPECT_EQ(receiver.disk.log, "wwwspspspn");
}

TEST(receiving, stores_an_empty_file) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    EXPECT_EQ(std::get<stored>(send_whole(sender, offer_of("empty", ""), "")).size, 0);
    EXPECT_EQ(receiver.disk.names.at("empty")->bytes, "");
}

TEST(receiving, takes_a_file_whose_size_and_hash_are_told_at_its_end) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    EXPECT_TRUE(std::holds_alternative<stored>(send_whole(sender, {.id = 1, .name = "a"}, hello)));
}

TEST(receiving, refuses_a_file_of_which_neither_offer_nor_end_tells_the_hash) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    sender.say(offer_of("a", hello));
    sender.say(piece_of(1, 0, hello));
    EXPECT_EQ(only<refusal>(sender.say(finish{.id = 1, .size = hello.size()})).code, refusal_code::protocol);
    EXPECT_TRUE(receiver.disk.names.empty());
}

TEST(receiving, refuses_and_keeps_nothing_of_a_file_with_another_hash) {
    for (const bool in_the_offer : {false, true}) {
        fake_receiver receiver;
        fake_sender sender{receiver};
        offer what = offer_of("a", hello, "token");
        if (in_the_offer)
            what.hash = digest_of("another file");
        sender.say(what);
        sender.say(piece_of(1, 0, hello));
        const finish end = in_the_offer ? finish{.id = 1} : finish{.id = 1, .hash = digest_of("another file")};
        const refusal refused = only<refusal>(sender.say(end));
        EXPECT_EQ(refused.code, refusal_code::hash);
        EXPECT_TRUE(refused.accepted);
        EXPECT_EQ(refused.kept, 0);
        EXPECT_TRUE(receiver.disk.names.empty());
        EXPECT_TRUE(receiver.disk.kept.empty());
    }
}

TEST(receiving, refuses_an_end_whose_hash_is_not_that_of_the_offer) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    offer what = offer_of("a", hello);
    what.hash = digest_of("another file");
    sender.say(what);
    sender.say(piece_of(1, 0, hello));
    EXPECT_EQ(only<refusal>(sender.say(end_of(1, hello))).code, refusal_code::hash);
}

TEST(receiving, asks_again_for_a_piece_that_does_not_match_and_passes_over_what_follows_it) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    sender.say(offer_of("a", hello));
    piece wrong = piece_of(1, 0, "jello");
    wrong.check = check_of("hello");
    EXPECT_EQ(only<again>(sender.say(wrong)).offset, 0);
    EXPECT_TRUE(sender.say(piece_of(1, 5, hello.substr(5))).empty());
    EXPECT_TRUE(sender.say(end_of(1, hello)).empty()) << "sent before the sender could know";
    sender.say(piece_of(1, 0, hello));
    only<stored>(sender.say(end_of(1, hello)));
}

TEST(receiving, asks_again_for_what_was_left_out) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    sender.say(offer_of("a", hello));
    sender.say(piece_of(1, 0, hello.substr(0, 4)));
    EXPECT_EQ(only<again>(sender.say(piece_of(1, 8, hello.substr(8)))).offset, 4);
}

TEST(receiving, gives_up_on_a_sender_whose_pieces_never_match) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    sender.say(offer_of("a", hello, "token"));
    piece wrong = piece_of(1, 0, hello);
    ++wrong.check;
    for (unsigned i = 0; i < max_repeats; ++i)
        only<again>(sender.say(wrong));
    EXPECT_EQ(only<refusal>(sender.say(wrong)).code, refusal_code::hash);
    EXPECT_TRUE(receiver.disk.kept.empty());
}

TEST(receiving, refuses_more_bytes_than_were_announced_and_fewer) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    sender.say(offer_of("a", hello));
    EXPECT_EQ(only<refusal>(sender.say(piece_of(1, 0, hello + "!"))).code, refusal_code::size);
    sender.say(offer{.id = 2, .name = "b", .size = hello.size()});
    sender.say(piece_of(2, 0, hello.substr(1)));
    EXPECT_EQ(only<refusal>(sender.say(end_of(2, hello.substr(1)))).code, refusal_code::size);
    EXPECT_TRUE(receiver.disk.names.empty());
}

TEST(receiving, passes_over_pieces_that_were_sent_before_their_sender_knew_of_the_refusal) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    const refusal refused = only<refusal>(sender.say(offer_of("../a", hello)));
    EXPECT_EQ(refused.code, refusal_code::name);
    EXPECT_FALSE(refused.accepted);
    EXPECT_FALSE(refused.retry);
    EXPECT_TRUE(sender.say(piece_of(1, 0, hello)).empty());
    EXPECT_TRUE(sender.say(end_of(1, hello)).empty());
    EXPECT_FALSE(sender.broken());
}

TEST(receiving, ends_the_connection_of_a_sender_that_breaks_the_protocol) {
    const std::vector<std::string> broken = {
        "",
        "hello",
        "{}",
        write_message(piece_of(1, 0, hello)),
        write_message(end_of(7, hello)),
        write_message(abandon{.id = 7}),
        write_message(offer{.id = 0, .name = "a"}),
        write_message(stored{.id = 1, .name = "a"}),
    };
    for (const std::string& each : broken) {
        fake_receiver receiver;
        fake_sender sender{receiver};
        EXPECT_EQ(only<refusal>(sender.say_bytes(each)).code, refusal_code::protocol) << each;
        EXPECT_TRUE(sender.broken()) << each;
        EXPECT_TRUE(sender.say(offer_of("a", hello)).empty()) << each;
    }
}

TEST(receiving, names_the_versions_it_speaks_to_another) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    offer what = offer_of("a", hello);
    what.version = 2;
    EXPECT_EQ(only<refusal>(sender.say(what)).code, refusal_code::version);
}

TEST(receiving, refuses_an_id_that_does_not_grow_and_more_files_than_may_be_open) {
    fake_receiver receiver;
    {
        fake_sender sender{receiver};
        sender.say(offer{.id = 5, .name = "a"});
        EXPECT_EQ(only<refusal>(sender.say(offer{.id = 5, .name = "b"})).code, refusal_code::protocol);
    }
    fake_sender sender{receiver};
    for (file_id id = 1; id <= max_open_files; ++id)
        only<accept>(sender.say(offer{.id = id, .name = "f" + std::to_string(id)}));
    EXPECT_EQ(only<refusal>(sender.say(offer{.id = 1000, .name = "b"})).code, refusal_code::protocol);
}

TEST(receiving, goes_on_where_a_connection_broke) {
    fake_receiver receiver;
    {
        fake_sender sender{receiver};
        sender.say(offer_of("a", hello, "token"));
        sender.say(piece_of(1, 0, hello.substr(0, 6)));
    }
    EXPECT_TRUE(receiver.disk.names.empty());
    fake_sender sender{receiver};
    const accept accepted = only<accept>(sender.say(offer_of("a", hello, "token")));
    EXPECT_EQ(accepted.offset, 6);
    EXPECT_EQ(accepted.hash, digest_of(hello.substr(0, 6)));
    sender.say(piece_of(1, 6, hello.substr(6)));
    EXPECT_EQ(only<stored>(sender.say(end_of(1, hello))).hash, digest_of(hello));
}

TEST(receiving, begins_again_for_a_sender_whose_file_has_another_beginning) {
    fake_receiver receiver;
    {
        fake_sender sender{receiver};
        sender.say(offer_of("a", hello, "token"));
        sender.say(piece_of(1, 0, "HELLO,"));
    }
    fake_sender sender{receiver};
    EXPECT_EQ(only<accept>(sender.say(offer_of("a", hello, "token"))).offset, 6);
    EXPECT_TRUE(sender.say(piece_of(1, 0, hello)).empty());
    only<stored>(sender.say(end_of(1, hello)));
    EXPECT_EQ(receiver.disk.names.at("a")->bytes, hello);
}

TEST(receiving, never_mixes_in_the_beginning_of_another_upload) {
    fake_receiver receiver;
    {
        fake_sender sender{receiver};
        sender.say(offer_of("a", hello, "token"));
        sender.say(piece_of(1, 0, hello.substr(0, 6)));
    }
    fake_sender sender{receiver};
    EXPECT_EQ(only<accept>(sender.say(offer_of("a", hello, "another"))).offset, 0);
    EXPECT_EQ(only<accept>(sender.say(offer{.id = 2, .name = "b", .size = hello.size(), .resume = "token"})).offset, 0);
    EXPECT_EQ(only<accept>(sender.say(offer{.id = 3, .name = "a", .size = 99, .resume = "token"})).offset, 0);
    EXPECT_EQ(only<accept>(sender.say(offer{.id = 4, .name = "a", .size = hello.size()})).offset, 0);
}

TEST(receiving, keeps_nothing_without_a_token_or_when_the_sender_takes_it_back) {
    fake_receiver receiver;
    {
        fake_sender sender{receiver};
        sender.say(offer_of("a", hello));
        sender.say(piece_of(1, 0, hello.substr(0, 6)));
        sender.say(offer{.id = 2, .name = "b", .size = 9, .resume = "token"});
        sender.say(piece_of(2, 0, "abc"));
        EXPECT_TRUE(sender.say(abandon{.id = 2}).empty());
    }
    EXPECT_TRUE(receiver.disk.kept.empty());
}

TEST(receiving, lets_a_sender_go_on_over_a_new_connection_while_the_old_one_seems_alive) {
    fake_receiver receiver;
    fake_sender old_one{receiver};
    old_one.say(offer_of("a", hello, "token"));
    old_one.say(piece_of(1, 0, hello.substr(0, 6)));
    fake_sender new_one{receiver};
    EXPECT_EQ(only<accept>(new_one.say(offer_of("a", hello, "token"))).offset, 6);
    EXPECT_EQ(only<refusal>(old_one.say(piece_of(1, 6, hello.substr(6)))).code, refusal_code::superseded);
    new_one.say(piece_of(1, 6, hello.substr(6)));
    only<stored>(new_one.say(end_of(1, hello)));
    EXPECT_EQ(receiver.disk.names.at("a")->bytes, hello);
    EXPECT_EQ(receiver.disk.log.find('r'), std::string::npos) << "its hash is handed over with it";
}

TEST(receiving, reads_what_it_kept_whenever_it_goes_on) {
    fake_receiver receiver;
    for (const std::size_t from : {0u, 4u, 8u}) {
        fake_sender sender{receiver};
        EXPECT_EQ(only<accept>(sender.say(offer_of("a", hello, "token"))).offset, from);
        sender.say(piece_of(1, from, hello.substr(from, 4)));
    }
    EXPECT_EQ(receiver.disk.log, "wrwrw");
}

TEST(receiving, tells_the_hash_of_what_is_on_the_disk_when_an_upload_goes_on) {
    fake_receiver receiver;
    {
        fake_sender sender{receiver};
        sender.say(offer_of("a", hello, "token"));
        sender.say(piece_of(1, 0, hello.substr(0, 6)));
    }
    receiver.disk.kept.begin()->second->bytes.front() = 'j';
    fake_sender sender{receiver};
    EXPECT_EQ(only<accept>(sender.say(offer_of("a", hello, "token"))).hash, digest_of("jello,"));
    sender.say(piece_of(1, 6, hello.substr(6)));
    EXPECT_EQ(only<refusal>(sender.say(end_of(1, hello))).code, refusal_code::hash);
    EXPECT_TRUE(receiver.disk.names.empty());
}

TEST(receiving, refuses_a_name_that_is_taken_before_the_first_byte) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    send_whole(sender, offer_of("a", hello), hello);
    EXPECT_EQ(only<refusal>(sender.say(offer{.id = 2, .name = "a", .size = 3})).code, refusal_code::exists);
}

TEST(receiving, never_writes_over_a_file_that_came_meanwhile) {
    fake_receiver receiver;
    fake_sender one{receiver};
    fake_sender other{receiver};
    one.say(offer_of("a", hello));
    other.say(offer_of("a", "another"));
    other.say(piece_of(1, 0, "another"));
    only<stored>(other.say(end_of(1, "another")));
    one.say(piece_of(1, 0, hello));
    EXPECT_EQ(only<refusal>(one.say(end_of(1, hello))).code, refusal_code::exists);
    EXPECT_EQ(receiver.disk.names.at("a")->bytes, "another");
}

TEST(receiving, numbers_or_replaces_when_told_so) {
    fake_receiver numbering{{.existing = existing_file::number, .min_free_space = 0}};
    fake_receiver replacing{{.existing = existing_file::replace, .min_free_space = 0}};
    for (fake_receiver* const each : {&numbering, &replacing}) {
        fake_sender sender{*each};
        send_whole(sender, offer_of("a", hello), hello);
        offer second = offer_of("a", "new");
        second.id = 2;
        EXPECT_TRUE(std::holds_alternative<stored>(send_whole(sender, second, "new")));
    }
    EXPECT_EQ(numbering.disk.names.at("a")->bytes, hello);
    EXPECT_EQ(numbering.disk.names.at("a#1")->bytes, "new");
    EXPECT_EQ(replacing.disk.names.at("a")->bytes, "new");
    replacing.disk.names["d"] = std::make_shared<fake_storage::node>(fake_storage::node{.directory = true});
    fake_sender sender{replacing};
    EXPECT_EQ(only<refusal>(sender.say(offer_of("d", hello))).code, refusal_code::exists);
}

TEST(receiving, tells_a_sender_that_lost_the_answer_that_its_file_is_stored) {
    for (const auto policy : {existing_file::reject, existing_file::number, existing_file::replace}) {
        fake_receiver receiver{{.existing = policy, .min_free_space = 0}};
        fake_sender sender{receiver};
        send_whole(sender, offer_of("a", hello, "token"), hello);
        offer repeated = offer_of("a", hello, "token");
        repeated.id = 2;
        repeated.hash = digest_of(hello);
        EXPECT_EQ(only<stored>(sender.say(repeated)).name, "a");
        EXPECT_EQ(receiver.disk.names.size(), 1);
    }
}

TEST(receiving, finds_the_very_file_by_its_hash_after_a_restart) {
    fake_receiver receiver;
    receiver.disk.names["a"] =
        std::make_shared<fake_storage::node>(fake_storage::node{.bytes = hello, .synced = false});
    fake_sender sender{receiver};
    offer repeated = offer_of("a", hello);
    repeated.hash = digest_of(hello);
    EXPECT_TRUE(only<stored>(sender.say(repeated)).durable);
    EXPECT_TRUE(receiver.disk.names.at("a")->synced);
    repeated.id = 2;
    repeated.hash = digest_of("hello, harbous");
    EXPECT_EQ(only<refusal>(sender.say(repeated)).code, refusal_code::exists);
}

TEST(receiving, does_not_take_another_file_that_has_the_name_meanwhile_for_the_one_it_stored) {
    fake_receiver receiver{{.existing = existing_file::replace, .min_free_space = 0}};
    fake_sender sender{receiver};
    send_whole(sender, offer_of("a", hello, "token"), hello);
    std::string other = hello;
    other.back() = '!';
    offer second = offer_of("a", other, "another");
    second.id = 2;
    send_whole(sender, second, other);

    offer repeated = offer_of("a", hello, "token");
    repeated.id = 3;
    repeated.hash = digest_of(hello);
    EXPECT_EQ(only<accept>(sender.say(repeated)).offset, 0);
}

TEST(receiving, keeps_what_came_when_the_disk_is_full_and_goes_on_when_there_is_room) {
    fake_receiver receiver;
    fake_sender sender{receiver};
    sender.say(offer_of("a", hello, "token"));
    sender.say(piece_of(1, 0, hello.substr(0, 6)));
    receiver.disk.room = 2;
    const refusal full = only<refusal>(sender.say(piece_of(1, 6, hello.substr(6))));
    EXPECT_EQ(full.code, refusal_code::space);
    EXPECT_TRUE(full.retry);
    EXPECT_EQ(full.kept, 6);
    receiver.disk.room = 1000;
    offer second = offer_of("a", hello, "token");
    second.id = 2;
    EXPECT_TRUE(std::holds_alternative<stored>(send_whole(sender, second, hello)));
}

TEST(receiving, fails_a_file_for_good_when_the_disk_cannot_sync_it) {
    // open, find, free space, append … the sync is the call before the name is given.
    fake_receiver whole;
    {
        fake_sender sender{whole};
        send_whole(sender, offer_of("a", hello, "token"), hello);
    }
    const unsigned sync = whole.disk.calls() - 2;
    for (const int error : {EIO, ENOSPC, EDQUOT}) { // a network file system may find only then that it is full
        fake_receiver receiver;
        receiver.disk.fail_at(sync, error);
        fake_sender sender{receiver};
        const auto last = send_whole(sender, offer_of("a", hello, "token"), hello);
        ASSERT_TRUE(std::holds_alternative<refusal>(last));
        EXPECT_EQ(std::get<refusal>(last).code, refusal_code::storage);
        EXPECT_EQ(std::get<refusal>(last).kept, 0);
        EXPECT_TRUE(receiver.disk.names.empty());
        EXPECT_TRUE(receiver.disk.kept.empty());
    }
}

TEST(receiving, never_says_stored_when_any_call_to_the_disk_fails) {
    fake_receiver whole;
    {
        fake_sender sender{whole};
        send_whole(sender, offer_of("a", hello, "token"), hello);
    }
    ASSERT_GT(whole.disk.calls(), 4);
    for (unsigned call = 1; call <= whole.disk.calls(); ++call) {
        for (const int error : {EIO, ENOSPC, EROFS}) {
            fake_receiver receiver;
            receiver.disk.fail_at(call, error);
            fake_sender sender{receiver};
            const auto last = send_whole(sender, offer_of("a", hello, "token"), hello);
            EXPECT_TRUE(std::holds_alternative<refusal>(last)) << "call " << call << ", error " << error;
            EXPECT_FALSE(receiver.disk.published_before_sync);
            EXPECT_FALSE(receiver.disk.names_on_disk.contains("a"));
        }
    }
}

TEST(receiving, refuses_what_the_program_does_not_want_and_tells_it_of_the_rest) {
    std::string heard;
    file_receiver_options options{.min_free_space = 0};
    options.on_offered = [&](const offered_file& what) -> std::optional<std::string> {
        heard += "offered " + what.name + " ";
        return what.name == "no" ? std::optional<std::string>{"not today"} : std::nullopt;
    };
    options.on_progress = [&](const offered_file&, std::uint64_t received) { heard += std::to_string(received) + " "; };
    options.on_stored = [&](const stored_file& what) { heard += "stored " + what.hash + " "; };
    options.on_failed = [&](const failed_file& what) {
        heard += (what.refused ? "refused " : "failed ") + what.name + ": " + what.code + ", " + what.why + " ";
    };
    fake_receiver receiver{std::move(options)};
    fake_sender sender{receiver};
    const refusal refused = only<refusal>(sender.say(offer_of("no", hello)));
    EXPECT_EQ(refused.code, refusal_code::refused);
    EXPECT_EQ(refused.reason, "not today");
    sender.say(offer{.id = 2, .name = "yes", .size = hello.size()});
    sender.say(piece_of(2, 0, hello));
    sender.say(end_of(2, hello));
    sender.say(offer{.id = 3, .name = "bad", .size = 0, .hash = digest_of(hello)});
    sender.say(finish{.id = 3});
    EXPECT_EQ(heard, "offered no refused no: refused, not today offered yes " + std::to_string(hello.size()) +
                         " stored " + digest_of(hello).to_string() +
                         " offered bad failed bad: hash, the bytes that came have another hash than was told ");
}

TEST(receiving, fails_only_the_file_for_which_the_program_throws) {
    file_receiver_options options{.min_free_space = 0};
    options.on_offered = [](const offered_file& what) -> std::optional<std::string> {
        if (what.name == "bad")
            throw std::runtime_error{"on purpose"};
        return {};
    };
    options.on_stored = [](const stored_file&) { throw std::runtime_error{"on purpose"}; };
    fake_receiver receiver{std::move(options)};
    fake_sender sender{receiver};
    EXPECT_EQ(only<refusal>(sender.say(offer_of("bad", hello))).code, refusal_code::storage);
    offer good = offer_of("good", hello);
    good.id = 2;
    EXPECT_TRUE(std::holds_alternative<stored>(send_whole(sender, good, hello)));
}

TEST(receiving, counts) {
    fake_receiver receiver;
    {
        fake_sender sender{receiver};
        send_whole(sender, offer_of("a", hello), hello);
        sender.say(offer{.id = 2, .name = ".", .size = 1});
        sender.say(offer{.id = 3, .name = "c", .size = 1});
        EXPECT_EQ(receiver.state.limits.open_now(), 1);
    }
    EXPECT_EQ(receiver.state.offered, 3);
    EXPECT_EQ(receiver.state.stored, 1);
    EXPECT_EQ(receiver.state.refused, 1);
    EXPECT_EQ(receiver.state.failed, 1);
    EXPECT_EQ(receiver.state.bytes, hello.size());
    EXPECT_EQ(receiver.state.limits.open_now(), 0);
}

} // namespace fairlead::test
