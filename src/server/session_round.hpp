#pragma once

#include "core/intrusive_list.hpp"
#include "server/session_group.hpp"
#include "server/session_member.hpp"

#include <boost/asio/post.hpp>

#include <cstddef>
#include <memory>

namespace fairlead {

/// Visits the members of a group, a limited number in each turn so that other sessions do not wait. Members
/// that begin or end meanwhile may be left out.
///
///     begin() ──▶ visit · visit · … ──next turn──▶ visit · … ──all visited, or visit() gave false──▶ end()
class session_group::round : public list_hook<round>, public std::enable_shared_from_this<round> {
public:
    explicit round(std::shared_ptr<session_group> group, std::size_t in_a_turn = 256)
        : group_{std::move(group)}, in_a_turn_{in_a_turn} {}
    virtual ~round() { unlink(); } // while the group exists

    void begin() {
        next_ = group_->members_.front();
        group_->rounds_.push_front(*this);
        go_on();
    }

    void pass_over(const member& leaving) noexcept {
        if (next_ == &leaving)
            next_ = group_->members_.after(leaving);
    }

protected:
    /// Returns false to visit no more members.
    virtual bool visit(member& each) = 0;
    virtual void end() = 0;

    session_group& group() const noexcept { return *group_; }

    /// Does `work` in a later turn, unless the group is gone.
    template <class Work>
    void later(Work work) {
        boost::asio::post(group_->shard_.executor(), [self = shared_from_this(), work] { work(); });
    }

private:
    void go_on() {
        for (std::size_t i = 0; i < in_a_turn_ && next_; ++i) {
            member& each = *next_;
            next_ = group_->members_.after(each);
            if (!visit(each))
                next_ = nullptr;
        }
        if (next_)
            return later([this] { go_on(); });
        unlink();
        end();
    }

    const std::shared_ptr<session_group> group_;
    const std::size_t in_a_turn_;
    member* next_ = nullptr; // advances when that member leaves
};

} // namespace fairlead
