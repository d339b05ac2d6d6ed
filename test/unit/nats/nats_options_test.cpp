#include "topics/topic_bridge.hpp"

#include "integration/support/temporary_directory.hpp"

#include <fairlead/nats.hpp>

#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

using namespace std::literals;

namespace fairlead::test {

namespace {

void expect_refused(const nats_options& options, const std::string& why) {
    try {
        nats("nats://127.0.0.1:4222", options);
        ADD_FAILURE() << "these options were accepted, but: " << why;
    } catch (const std::invalid_argument& refused) {
        EXPECT_NE(std::string{refused.what()}.find(why), std::string::npos) << refused.what();
    }
}

} // namespace

TEST(nats_options, are_checked_before_anything_is_connected) {
    expect_refused({.subject_prefix = "a.*."}, "'a.*.'");
    expect_refused({.credentials_file = "/does/not/exist"}, "cannot read '/does/not/exist'");
    expect_refused({.ca_file = "/does/not/exist"}, "cannot read '/does/not/exist'");
    expect_refused({.ca_file = "/dev/null"}, "'/dev/null'");
    expect_refused({.chain_file = "/dev/null"}, "go together");
    expect_refused({.connect_timeout = 0ms}, "above 0");
    expect_refused({.max_outgoing = 0}, "above 0");
    EXPECT_NO_THROW(nats("nats://127.0.0.1:4222"));
}

TEST(nats_options, need_a_jwt_and_a_seed_in_the_credentials_file) {
    const temporary_directory folder;
    const std::string file = (folder / "user.creds").string();
    const auto with = [&](const std::string& content) {
        std::ofstream{file} << content;
        return nats_options{.credentials_file = file};
    };
    const std::string jwt =
        "-----BEGIN NATS USER JWT-----\neyJ0eXAiOiJKV1QifQ.e30.c2ln\n------END NATS USER JWT------\n\n";
    const std::string seed = "-----BEGIN USER NKEY SEED-----\nSUAGEXAMPLE\n------END USER NKEY SEED------\n";
    for (const std::string& without_jwt : {std::string{}, std::string{"SU"}, seed, "user: eyJ\n" + seed})
        expect_refused(with(without_jwt), "'" + file + "' has no JWT of a user; give the file");
    expect_refused(with(jwt), "'" + file + "' has no seed of a user; give the file");
    expect_refused({.credentials_file = folder.path().string()}, "has no JWT");
    EXPECT_NO_THROW(nats("nats://127.0.0.1:4222", with(jwt + seed)));
}

TEST(nats_options, of_a_bridge_that_was_never_started_end_with_it) {
    const auto bridge = nats("nats://127.0.0.1:4222");
    EXPECT_TRUE(bridge->publish("a", "one"));
    bridge->stop();
    EXPECT_EQ(bridge->publish("a", "two").error(), errc::closed);
}

} // namespace fairlead::test
