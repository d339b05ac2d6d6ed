#pragma once

#include "support/frame_run.hpp"

#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::test {

inline std::vector<std::string> read_in_pieces(const std::string& bytes, const websocket_rules& rules,
                                               const std::vector<std::size_t>& cuts) {
    frame_run run{rules};
    std::size_t at = 0;
    for (const std::size_t cut : cuts) {
        run.arrive(bytes_view{bytes}.from(at).first(cut - at));
        at = cut;
    }
    run.arrive(bytes_view{bytes}.from(at));
    EXPECT_EQ(run.violation(), "");
    return run.events();
}

/// What comes of the bytes, which is the same wherever they are cut.
inline std::vector<std::string> read_cut_everywhere(const std::string& bytes, const websocket_rules& rules = {}) {
    const std::vector<std::string> whole = read_in_pieces(bytes, rules, {});
    std::vector<std::size_t> everywhere;
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        EXPECT_EQ(read_in_pieces(bytes, rules, {cut}), whole) << "cut at " << cut;
        everywhere.push_back(cut);
        for (std::size_t second = cut + 1; bytes.size() < 100 && second < bytes.size(); ++second)
            EXPECT_EQ(read_in_pieces(bytes, rules, {cut, second}), whole) << "cut at " << cut << ", " << second;
    }
    EXPECT_EQ(read_in_pieces(bytes, rules, everywhere), whole) << "byte by byte";
    return whole;
}

} // namespace fairlead::test
