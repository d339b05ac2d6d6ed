#pragma once

#include "runtime/event_descriptor.hpp"
#include "runtime/poller.hpp"
#include "runtime/ring.hpp"

#include <fairlead/intrusive_list.hpp>

#include <cstdint>
#include <vector>

namespace fairlead {

/// Waits by io_uring(7), with a request for each descriptor that completes each time it becomes ready.
///
/// A ring belongs to the thread that made it, and dies with it: the thread that dispatches makes one, and so does the next,
/// should the shard run on another.
class ring_poller final : public poller {
public:
    /// Errors: what the system has against rings. Throws boost::system::system_error when it has no more descriptors.
    static result<std::unique_ptr<poller>> make();

    ~ring_poller() override;

    engine kind() const noexcept override { return engine::io_uring; }
    int native_handle() const noexcept override { return asio_waits_for_.get(); }
    void begin() noexcept override;
    void watched_by_asio() noexcept override;
    error_code add(int descriptor, watcher& who, watch_for what) noexcept override;
    void remove(int descriptor, watcher& who) noexcept override;
    std::size_t dispatch(bool wait) override;
    void wake() noexcept override { wake_up_.notify(); }

private:
    static constexpr std::size_t batch = 256;

    /// What the kernel tells of by its address: it lives on after `remove` until the kernel has told for the last time.
    struct registration : list_hook<registration> {
        registration(int of, watcher& told, unsigned wanted) noexcept : descriptor{of}, who{&told}, events{wanted} {}

        const int descriptor;
        watcher* who; ///< null when removed
        const unsigned events;
        bool armed = false;
    };

    /// The shard's own waking up is no news.
    struct nobody final : watcher {
        void on_readable(bool) override {}
        void on_writable() override {}
    };

    ring_poller();

    bool on_its_thread() const noexcept;
    void make_ring();
    void forget_requests() noexcept;
    void prepare();
    void arm(registration& what);
    void arm_all();
    void tell(registration& of, unsigned events);
    bool completed(const ::io_uring_cqe& completion);
    void before_asio_waits() noexcept;

    event_descriptor asio_waits_for_; // the ring writes to it, too, once Asio waits for it
    event_descriptor wake_up_;
    std::unique_ptr<ring> ring_;
    intrusive_list<registration> all_;
    std::vector<registration*> by_descriptor_;
    nobody nobody_;
    registration* telling_ = nullptr;
    std::uint64_t thread_ = 0;
    bool some_unarmed_ = false;
    bool asio_waits_ = false;
    bool ring_tells_asio_ = false;
    bool dispatching_ = false;
};

} // namespace fairlead
