#pragma once

#include "support/websocket_fixture.hpp"

#include <algorithm>
#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

/// A case of the Autobahn test suite (github.com/crossbario/autobahn-testsuite) for an echo server, written anew by its number.
struct autobahn_case {
    std::string number; ///< `6_4_1`
    websocket_messages messages = websocket_messages::text;
    std::vector<std::string> sent; ///< what the client sends, frame by frame; a good end is added
    frames expected;               ///< what the server answers; without a Close it goes on
};

inline autobahn_case case_of(std::string number, std::vector<std::string> sent, frames expected) {
    return {std::move(number), websocket_messages::text, std::move(sent), std::move(expected)};
}

/// Runs each case whole, frame by frame and octet by octet, as the suite does for some of them.
class autobahn : public websocket_fixture, public ::testing::WithParamInterface<autobahn_case> {
protected:
    static constexpr std::size_t large = 5000;

    void check() {
        autobahn_case tried = GetParam();
        if (tried.expected.empty() || !tried.expected.back().starts_with("close")) {
            tried.sent.push_back(masked_close(1000));
            tried.expected.emplace_back("close 1000");
        }
        std::string whole;
        for (const std::string& each : tried.sent)
            whole += each;
        expect(tried, {whole}, "whole");
        expect(tried, tried.sent, "frame by frame");
        expect(tried, chopped(whole, whole.size() > large ? 997 : 1), "in small pieces");
    }

private:
    static std::vector<std::string> chopped(const std::string& bytes, std::size_t size) {
        std::vector<std::string> pieces;
        for (std::size_t at = 0; at < bytes.size(); at += size)
            pieces.push_back(bytes.substr(at, size));
        return pieces;
    }

    void expect(const autobahn_case& tried, const std::vector<std::string>& pieces, const char* how) {
        auto peer = make_websocket({.messages = tried.messages});
        start(home, echo_messages(peer));
        std::string answer;
        for (const std::string& each : pieces) {
            far.send(each);
            run_ready(home);
            answer += far.take();
        }
        EXPECT_EQ(frames_in(answer), tried.expected) << how;
        EXPECT_TRUE(far.ended()) << how;
        far.end();
        run_ready(home);
        EXPECT_TRUE(far.closed()) << how;
    }
};

inline std::string autobahn_name(const ::testing::TestParamInfo<autobahn_case>& info) {
    return "autobahn_" + info.param.number;
}

} // namespace fairlead::test
