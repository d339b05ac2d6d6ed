#include "base/log.hpp"
#include "runtime/epoll_poller.hpp"
#ifdef FAIRLEAD_IO_URING
#include "runtime/ring_poller.hpp"
#endif

namespace fairlead {

namespace {

result<std::unique_ptr<poller>> make_ring_poller() {
#ifdef FAIRLEAD_IO_URING
    return ring_poller::make();
#else
    return error_code{boost::system::errc::make_error_code(boost::system::errc::function_not_supported)};
#endif
}

} // namespace

std::unique_ptr<poller> make_poller(engine wanted) {
    if (wanted == engine::automatic)
        wanted = automatic_engine;
    if (wanted == engine::io_uring) {
        auto made = make_ring_poller();
        if (made)
            return std::move(*made);
        log_warning("io_uring is not to be had here, epoll is used instead: " + made.error().message());
    }
    return std::make_unique<epoll_poller>();
}

} // namespace fairlead
