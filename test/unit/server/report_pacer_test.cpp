#include "server/report_pacer.hpp"

#include <gtest/gtest.h>

using namespace std::literals;

namespace fairlead::test {

TEST(report_pacer, begins_at_once_what_is_asked_for_first) {
    report_pacer pacer{250ms};
    const report_pacer::time_point now{1h};
    EXPECT_FALSE(pacer.begins(now));
    pacer.ask();
    EXPECT_TRUE(pacer.begins(now));
    EXPECT_FALSE(pacer.begins(now + 1h));
}

TEST(report_pacer, makes_one_report_of_a_storm_of_questions) {
    report_pacer pacer{250ms};
    const report_pacer::time_point start{1h};
    int reports = 0;
    for (auto now = start; now < start + 1s; now += 1ms) {
        pacer.ask();
        reports += pacer.begins(now) ? 1 : 0;
    }
    EXPECT_EQ(reports, 4);
    EXPECT_TRUE(pacer.begins(start + 1s)) << "the last question is answered too";
    EXPECT_FALSE(pacer.begins(start + 2s));
}

} // namespace fairlead::test
