#pragma once

#include "support/effort.hpp"

#include <cstddef>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

namespace fairlead::test {

/// While it lives, the process can take no more than so many bytes more of address space: larger allocations fail. Has no effect
/// under a sanitizer, which needs far more.
class address_space {
public:
    explicit address_space(std::size_t more) {
        ::getrlimit(RLIMIT_AS, &before_);
        if (sanitized)
            return;
        ::rlimit now = before_;
        now.rlim_cur = used() + more;
        ::setrlimit(RLIMIT_AS, &now);
    }
    address_space(const address_space&) = delete;
    address_space& operator=(const address_space&) = delete;
    ~address_space() { ::setrlimit(RLIMIT_AS, &before_); }

private:
    static std::size_t used() {
        std::size_t pages = 0;
        std::ifstream{"/proc/self/statm"} >> pages;
        return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    }

    ::rlimit before_{};
};

} // namespace fairlead::test
