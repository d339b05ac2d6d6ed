#include <fairlead/framing/websocket.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::test {

TEST(deflate, is_refused_in_a_build_without_zlib) {
    try {
        websocket{{.deflate = true}};
        ADD_FAILURE();
    } catch (const std::invalid_argument& refused) {
        EXPECT_NE(std::string{refused.what()}.find("install zlib (on Debian zlib1g-dev)"), std::string::npos);
    }
}

} // namespace fairlead::test
