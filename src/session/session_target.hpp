#pragma once

#include "peer/handle_target.hpp"
#include "peer/inlet.hpp"
#include "session/session_impl.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace fairlead {

/// The target of the handles of a session; made with the first handle.
class session_target final : public handle_target {
public:
    session_target(std::shared_ptr<mailbox> box, session_impl& session, std::size_t most)
        : inlet_{std::move(box), most}, owner_{session.weak_from_this()}, id_{session.id()}, remote_{session.remote()} {
    }

    void set_queued(std::size_t bytes) noexcept { inlet_.set_queued(bytes); }
    void set_most(std::size_t bytes) noexcept { inlet_.set_most(bytes); }
    void set_ended() noexcept { ended_ = true; }

    result<void> send(bytes_view message) override;
    void close() override;
    void abort(error_code why) override;
    std::uint64_t id() const noexcept override { return id_; }
    endpoint remote() const override { return remote_; }
    bool expired() const noexcept override { return ended_; }
    std::size_t hash() const noexcept override { return std::hash<std::uint64_t>{}(id_); }

private:
    template <class Work>
    void run(Work work);

    inlet inlet_;
    const std::weak_ptr<session_impl> owner_; // locked by the owner's thread alone
    const std::uint64_t id_;
    const endpoint remote_;
    std::atomic<bool> ended_{false};
};

} // namespace fairlead
