#include <fairlead/handlers/echo.hpp>
#include <fairlead/layers/zstd_compressed.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::test {

TEST(zstd_compressed, is_refused_in_a_build_without_zstd) {
    try {
        zstd_compressed(echo());
        ADD_FAILURE();
    } catch (const std::invalid_argument& refused) {
        EXPECT_NE(std::string{refused.what()}.find("install it (on Debian libzstd-dev)"), std::string::npos);
    }
}

} // namespace fairlead::test
