#include "core/machine.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sched.h>
#include <string>
#include <unistd.h>

namespace fairlead::test {

namespace {

/// A folder with files as /proc and /sys have them.
class machine : public ::testing::Test {
protected:
    machine() {
        std::string name = ::testing::TempDir() + "machine_XXXXXX";
        root = ::mkdtemp(name.data());
    }
    ~machine() override { std::filesystem::remove_all(root); }

    void write(const std::string& path, const std::string& text) {
        const auto file = std::filesystem::path{root + path};
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << text << "\n";
    }

    std::string root;
};

} // namespace

TEST_F(machine, without_control_groups_is_used_whole) {
    EXPECT_GE(usable_cores(root), 1u);
    EXPECT_GT(usable_memory(root), 1u << 20);
    EXPECT_EQ(usable_memory(root), static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                                       static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

TEST_F(machine, is_limited_by_its_group_and_by_those_above_it) {
    write("/proc/self/cgroup", "0::/outer/inner");
    write("/sys/fs/cgroup/outer/inner/memory.max", "max");
    write("/sys/fs/cgroup/outer/memory.max", "134217728");
    write("/sys/fs/cgroup/outer/inner/cpu.max", "50000 100000");
    write("/sys/fs/cgroup/outer/cpu.max", "max 100000");
    EXPECT_EQ(usable_memory(root), 134'217'728u);
    EXPECT_EQ(usable_cores(root), 1u) << "half a core is one";
}

TEST_F(machine, is_limited_in_a_container_that_sees_its_group_as_the_root) {
    write("/proc/self/cgroup", "0::/");
    write("/sys/fs/cgroup/memory.max", "1000000");
    EXPECT_EQ(usable_memory(root), 1'000'000u);
}

TEST_F(machine, is_limited_by_groups_of_version_1) {
    write("/proc/self/cgroup", "4:memory:/outer\n2:cpu,cpuacct:/outer\n0::/");
    write("/sys/fs/cgroup/memory/outer/memory.limit_in_bytes", "2000000");
    write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
    write("/sys/fs/cgroup/cpu,cpuacct/outer/cpu.cfs_quota_us", "100000");
    write("/sys/fs/cgroup/cpu,cpuacct/outer/cpu.cfs_period_us", "100000");
    EXPECT_EQ(usable_memory(root), 2'000'000u);
    EXPECT_EQ(usable_cores(root), 1u);
}

TEST_F(machine, takes_what_it_does_not_understand_for_no_limit) {
    write("/proc/self/cgroup", "nonsense\n0::/group");
    write("/sys/fs/cgroup/group/memory.max", "many");
    write("/sys/fs/cgroup/group/cpu.max", "-1");
    EXPECT_EQ(usable_memory(root), usable_memory("/nowhere"));
    EXPECT_EQ(usable_cores(root), usable_cores("/nowhere"));
}

TEST(usable_cores, are_those_the_thread_may_run_on) {
    ::cpu_set_t before;
    ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
    ::cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &before)) {
            CPU_SET(core, &one);
            break;
        }
    }
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(usable_cores(), 1u);
    ::sched_setaffinity(0, sizeof before, &before);
}

} // namespace fairlead::test
