#include "admin/admin_token.hpp"

#include <boost/system/system_error.hpp>

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace fairlead::test {

namespace {

class token_file : public ::testing::Test {
protected:
    token_file() { std::filesystem::create_directory(folder_); }
    ~token_file() override { std::filesystem::remove_all(folder_); }

    std::string with(const std::string& text, ::mode_t mode = 0600) const {
        const std::string path = folder_ + "/token";
        std::ofstream{path} << text;
        ::chmod(path.c_str(), mode);
        return path;
    }

    static std::string refusal(const std::string& path) {
        try {
            admin_token::read(path);
        } catch (const std::exception& refused) {
            return refused.what();
        }
        return "";
    }

private:
    const std::string folder_ = "admin-token-test-" + std::to_string(::getpid());
};

} // namespace

TEST_F(token_file, is_matched_by_its_text_alone) {
    const admin_token token = admin_token::read(with(" 0123456789abcdef\n", 0640));
    EXPECT_TRUE(token.matches("Bearer 0123456789abcdef"));
    EXPECT_TRUE(token.matches("bearer 0123456789abcdef"));
    for (const char* each :
         {"", "Bearer", "Bearer ", "Basic 0123456789abcdef", "0123456789abcdef", "Bearer 0123456789abcdeg",
          "Bearer 0123456789abcde", "Bearer 0123456789abcdef0", "Bearer 0123456789abcdef0123456789abcdef"})
        EXPECT_FALSE(token.matches(each)) << each;
}

TEST_F(token_file, is_refused_when_others_may_read_it) {
    for (const ::mode_t each : {0604u, 0602u, 0644u}) {
        const std::string said = refusal(with("0123456789abcdef", each));
        EXPECT_NE(said.find("other users may use"), std::string::npos) << said;
        EXPECT_NE(said.find("chmod o= "), std::string::npos) << said;
    }
}

TEST_F(token_file, is_refused_when_it_has_no_token) {
    for (const std::string& each : {std::string{}, std::string{"short"}, std::string(600, 'x'),
                                    std::string{"0123456789 abcdef"}, std::string{"0123456789abcd\xC3\xA9"}}) {
        const std::string said = refusal(with(each));
        EXPECT_NE(said.find("16 to 512 visible ASCII characters"), std::string::npos) << said;
    }
    EXPECT_NE(refusal("no-such-file").find("no-such-file"), std::string::npos);
}

} // namespace fairlead::test
