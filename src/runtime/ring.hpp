#pragma once

#include <fairlead/error.hpp>

#include <cstdint>
#include <liburing.h>
#include <memory>

namespace fairlead {

/// An io_uring(7): what is prepared goes to the kernel with the next `enter`, all in one system call.
///
/// The kernel works on it only while its thread is in `enter`, so that what has come is served in batches.
///
/// Thread safety: used by the thread that made it. When it goes, a blocking call of that thread may end with EINTR.
class ring {
public:
    /// Errors: what the kernel, or a sandbox, has against it; `ENOSYS` where it cannot do all that is asked of it here.
    static result<std::unique_ptr<ring>> make();

    ring(const ring&) = delete;
    ring& operator=(const ring&) = delete;
    ~ring();

    /// Has the kernel write to that eventfd(2) whenever `enter` would find something.
    ///
    /// Errors: throws boost::system::system_error when the system refuses.
    void tell(int event);

    /// A request to be filled in. Every pointer in it stays valid until its last completion.
    ::io_uring_sqe& prepare();

    /// Has the kernel end the request with that tag, if there is one. Nothing is said of it but by the request's own end.
    void cancel(std::uint64_t tag);

    /// Hands over what is prepared and takes what has completed; with `wait` once there is something.
    void enter(bool wait) noexcept;

    /// The oldest completion that was not seen, or null; valid until `seen`.
    const ::io_uring_cqe* next() noexcept;
    void seen() noexcept { ::io_uring_cq_advance(&ring_, 1); }

private:
    ring() noexcept = default;

    ::io_uring ring_{};
};

} // namespace fairlead
