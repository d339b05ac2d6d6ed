#include "runtime/ring.hpp"

#include "base/system_error.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>

namespace fairlead {

namespace {

constexpr unsigned requests = 1024;
constexpr unsigned completions = 8192; // more than come in one turn; the kernel keeps what finds no room

constexpr std::array needed{IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL, IORING_OP_RECV};

bool can_all_that_is_needed(::io_uring& ring) noexcept {
    const std::unique_ptr<::io_uring_probe, decltype(&::io_uring_free_probe)> probe{::io_uring_get_probe_ring(&ring),
                                                                                    &::io_uring_free_probe};
    return probe && std::all_of(needed.begin(), needed.end(),
                                [&](int each) { return ::io_uring_opcode_supported(probe.get(), each) != 0; });
}

} // namespace

// The flags are of Linux 6.1, which has also what requests of several completions need.
result<std::unique_ptr<ring>> ring::make() {
    ::io_uring_params wanted{};
    wanted.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG |
                   IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE;
    wanted.cq_entries = completions;
    std::unique_ptr<ring> made{new ring};
    ::io_uring opened{};
    if (const int failed = ::io_uring_queue_init_params(requests, &opened, &wanted); failed < 0)
        return system_code(-failed);
    made->ring_ = opened;
    if (!can_all_that_is_needed(made->ring_))
        return system_code(ENOSYS);
    return made;
}

ring::~ring() {
    if (ring_.ring_fd > 0)
        ::io_uring_queue_exit(&ring_);
}

void ring::tell(int event) {
    if (const int failed = ::io_uring_register_eventfd(&ring_, event); failed < 0)
        throw boost::system::system_error{system_code(-failed), "io_uring_register"};
}

::io_uring_sqe& ring::prepare() {
    for (;;) {
        if (::io_uring_sqe* const request = ::io_uring_get_sqe(&ring_))
            return *request;
        if (const int submitted = ::io_uring_submit(&ring_); submitted <= 0 && submitted != -EINTR)
            throw boost::system::system_error{system_code(submitted < 0 ? -submitted : EAGAIN), "io_uring_enter"};
    }
}

void ring::cancel(std::uint64_t tag) {
    ::io_uring_sqe& request = prepare();
    ::io_uring_prep_cancel64(&request, tag, 0);
    request.user_data = 0;
}

void ring::enter(bool wait) noexcept {
    if (wait)
        ::io_uring_submit_and_wait(&ring_, 1);
    else if (::io_uring_sq_ready(&ring_) != 0 ||
             (IO_URING_READ_ONCE(*ring_.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0)
        ::io_uring_submit_and_get_events(&ring_);
}

const ::io_uring_cqe* ring::next() noexcept {
    ::io_uring_cqe* found = nullptr;
    if (::io_uring_cq_ready(&ring_) != 0)
        ::io_uring_peek_cqe(&ring_, &found);
    return found;
}

} // namespace fairlead
