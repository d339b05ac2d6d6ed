// What a group of sessions reports about each of them.

#include "log/log.hpp"
#include "server/session_group.hpp"
#include "server/session_member.hpp"
#include "server/session_report.hpp"
#include "session/describe.hpp"

#include <boost/asio/post.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace fairlead {

/// Goes on in turn after turn; a session that ends meanwhile is left out.
class session_group::report_in_slices : public std::enable_shared_from_this<report_in_slices> {
public:
    static constexpr std::size_t max_lines = 1'000;

    explicit report_in_slices(std::shared_ptr<session_group> group) : group_{std::move(group)} {
        for (const member* each = group_->members_.front(); each; each = group_->members_.after(*each)) {
            if (sessions_.size() == max_lines)
                break;
            sessions_.push_back(each->peer().weak_from_this());
        }
    }

    void go_on() {
        constexpr std::size_t lines_in_a_turn = 25;
        for (std::size_t i = 0; i < lines_in_a_turn && next_ < sessions_.size(); ++i, ++next_) {
            if (const auto peer = sessions_[next_].lock())
                log_info(report_line(*peer, group_->shard_.now()), origin_of(*peer));
        }
        if (next_ < sessions_.size())
            boost::asio::post(group_->shard_.executor(), [self = shared_from_this()] { self->go_on(); });
        else if (const std::size_t all = group_->left(); all > max_lines)
            log_info("and " + std::to_string(all - max_lines) + " more sessions");
    }

private:
    const std::shared_ptr<session_group> group_;
    std::vector<std::weak_ptr<session_impl>> sessions_;
    std::size_t next_ = 0;
};

void session_group::report() {
    if (!report_.expired())
        return;
    const auto begun = std::make_shared<report_in_slices>(keep_alive());
    report_ = begun;
    begun->go_on();
}

} // namespace fairlead
