// The answers and actions of a group of sessions for the admin endpoint.

#include "admin/session_survey.hpp"
#include "server/session_group.hpp"
#include "server/session_report.hpp"
#include "server/session_round.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace fairlead {

/// Chooses the sessions that come first in a survey, then describes them, both a few in each turn.
class session_group::collection final : public round {
public:
    collection(std::shared_ptr<session_group> group, std::shared_ptr<session_survey> survey, std::size_t shard)
        : round{std::move(group)}, survey_{std::move(survey)}, query_{survey_->query}, shard_{shard} {}

private:
    struct candidate {
        session_rank rank;
        std::weak_ptr<session_impl> peer;
        std::shared_ptr<const std::string> listener;
    };

    auto order() const {
        return [descending = query_.descending](const candidate& one, const candidate& other) {
            return comes_before(one.rank, other.rank, descending);
        };
    }

    bool visit(member& each) override {
        ++total_;
        session_rank rank;
        if (query_.needs_text()) {
            const session_row row = full_row(each.peer(), each.listener_name(), now());
            if (!query_.matches(row))
                return true;
            rank = session_rank::of(row, query_.sort);
        } else {
            rank = rank_of(each.peer(), query_.sort, now());
        }
        ++matched_;
        if (last_ && !comes_before(rank, *last_, query_.descending))
            return true;
        first_.push_back({std::move(rank), each.peer().weak_from_this(), each.listener_name()});
        if (first_.size() >= 2 * query_.limit)
            keep_first();
        return true;
    }

    // Called at twice the limit, so that the time does not depend on the order in which the sessions come.
    void keep_first() {
        const auto end = first_.begin() + static_cast<std::ptrdiff_t>(query_.limit);
        std::nth_element(first_.begin(), end - 1, first_.end(), order());
        first_.erase(end, first_.end());
        last_ = first_.back().rank;
    }

    void end() override {
        if (first_.size() > query_.limit)
            keep_first();
        describe_some();
    }

    void describe_some() {
        constexpr std::size_t rows_in_a_turn = 64;
        for (std::size_t i = 0; i < rows_in_a_turn && !first_.empty(); ++i) {
            if (const auto peer = first_.back().peer.lock()) {
                rows_.push_back(full_row(*peer, first_.back().listener, now()));
                rows_.back().tls = peer->tls();
            }
            first_.pop_back();
        }
        if (!first_.empty())
            return later([this] { describe_some(); });
        survey_->deliver(shard_, total_, matched_, std::move(rows_));
    }

    ticks now() const noexcept { return group().shard().now(); }

    const std::shared_ptr<session_survey> survey_;
    const session_query& query_;
    const std::size_t shard_;
    std::size_t total_ = 0, matched_ = 0;
    std::vector<candidate> first_;     // and others, up to twice the limit
    std::optional<session_rank> last_; // of the first, once there were enough
    std::vector<session_row> rows_;
};

void session_group::collect(std::shared_ptr<session_survey> survey, std::size_t shard) {
    std::make_shared<collection>(keep_alive(), std::move(survey), shard)->begin();
}

/// Closes the session that has the requested number.
class session_group::search final : public round {
public:
    search(std::shared_ptr<session_group> group, std::shared_ptr<session_closing> closing, std::size_t shard)
        : round{std::move(group)}, closing_{std::move(closing)}, shard_{shard} {}

private:
    bool visit(member& each) override {
        if (each.peer().id() != closing_->id)
            return true;
        const std::shared_ptr<session_impl> alive = each.shared_peer();
        closing_->found();
        alive->abort(errc::closed);
        return false;
    }
    void end() override { closing_->answer(shard_); }

    const std::shared_ptr<session_closing> closing_;
    const std::size_t shard_;
};

void session_group::close_one(std::shared_ptr<session_closing> closing, std::size_t shard) {
    std::make_shared<search>(keep_alive(), std::move(closing), shard)->begin();
}

} // namespace fairlead
