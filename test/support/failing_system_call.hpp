#pragma once

#include <cerrno>
#include <cstddef>
#include <gtest/gtest.h>
#include <initializer_list>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <thread>
#include <vector>

namespace fairlead::test {

/// A system call by its number, and the errno with which it is to fail.
struct failing_system_call {
    long number;
    int error;
};

/// Makes these calls fail in this thread for the rest of its life (seccomp(2)). False where the system does not let us.
inline bool fail_system_calls(std::initializer_list<failing_system_call> calls) {
    std::vector<::sock_filter> program;
    program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(::seccomp_data, nr)));
    for (const auto& call : calls) {
        const auto number = static_cast<unsigned>(call.number);
        const auto answer = SECCOMP_RET_ERRNO | (static_cast<unsigned>(call.error) & SECCOMP_RET_DATA);
        program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
        program.push_back(BPF_STMT(BPF_RET | BPF_K, answer));
    }
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const ::sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

/// Runs `work` in a thread of its own in which these calls fail.
template <class Work>
void with_failing(std::initializer_list<failing_system_call> calls, Work work) {
    std::jthread{[calls, &work] {
        ASSERT_TRUE(fail_system_calls(calls)) << "seccomp is missing here: " << errno;
        work();
    }}.join();
}

} // namespace fairlead::test
