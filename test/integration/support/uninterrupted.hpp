#pragma once

#include <cerrno>

namespace fairlead::test {

/// Makes a call again while it ends with EINTR, which a call with a time limit does also where no signal has come: when a
/// ring of io_uring(7) that the thread had goes away.
template <class Call>
auto uninterrupted(const Call& call) {
    for (;;) {
        const auto returned = call();
        if (returned >= 0 || errno != EINTR)
            return returned;
    }
}

} // namespace fairlead::test
