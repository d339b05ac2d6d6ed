#pragma once

#include "server/session_group.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace fairlead {

/// The membership of a session in its group, from its beginning until its coroutine is destroyed, however
/// that ends. Keeps the session alive.
class session_group::member : public list_hook<member> {
public:
    member(session_group& group, std::shared_ptr<session_impl> peer, admission::permit held)
        : group_{group.keep_alive()}, peer_{std::move(peer)}, held_{std::move(held)} {
        const std::lock_guard lock{group_->mutex_};
        group_->members_.push_front(*this);
        ++group_->active_;
        ++group_->accepted_;
        peer_->charge_to(held_.buffers());
    }
    member(member&& other) noexcept
        : group_{std::move(other.group_)}, held_{std::move(other.held_)}, cause_{other.cause_} {
        const std::lock_guard lock{group_->mutex_}; // other threads look at the sessions of the members
        peer_ = std::move(other.peer_);
        group_->pass_over(other);
        other.unlink();
        group_->members_.push_front(*this);
    }
    member& operator=(member&&) = delete;
    ~member() {
        if (!group_)
            return;
        peer_->charge_to(nullptr);
        {
            const std::lock_guard lock{group_->mutex_};
            group_->pass_over(*this);
            unlink();
            --group_->active_;
            ++(group_->closed_.*(group_->state_ >= state::cutting_off ? &closed_sessions::cut_off : cause_));
        }
        group_->release_one();
    }

    session_impl& peer() const noexcept { return *peer_; }
    const std::shared_ptr<session_impl>& shared_peer() const noexcept { return peer_; }
    session_group& group() const noexcept { return *group_; }

    std::shared_ptr<const std::string> listener_name() const { return held_.listener_name(); }
    bool is_at(const admission::listener& at) const noexcept { return held_.is_at(at); }

    void ends_for(std::uint64_t closed_sessions::*cause) noexcept { cause_ = cause; }

private:
    std::shared_ptr<session_group> group_; // first, so that it is destroyed last
    std::shared_ptr<session_impl> peer_;
    admission::permit held_;
    std::uint64_t closed_sessions::*cause_ = &closed_sessions::otherwise;
};

} // namespace fairlead
