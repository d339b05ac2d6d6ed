// What a group of sessions tells and does for the admin endpoint.

#include "admin/session_survey.hpp"
#include "server/session_group.hpp"
#include "server/session_report.hpp"
#include "server/session_round.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace fairlead {

/// Chooses the sessions that come first in a survey, then describes these, likewise a few in each turn.
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

    // The last in order is on top of the heap.
    bool orders(const session_rank& one, const session_rank& other) const {
        return comes_before(one, other, query_.descending);
    }
    auto heap_order() const {
        return [this](const candidate& one, const candidate& other) { return orders(one.rank, other.rank); };
    }

    bool visit(member& each) override {
        ++total_;
        const auto row =
            query_.needs_text() ? full_row(each.peer(), each.listener_name(), now()) : numbers_of(each.peer(), now());
        if (query_.filters() && !query_.matches(row))
            return true;
        ++matched_;
        session_rank rank = session_rank::of(row, query_.sort);
        const bool full = first_.size() == query_.limit;
        if (full && !orders(rank, first_.front().rank))
            return true;
        if (full) {
            std::ranges::pop_heap(first_, heap_order());
            first_.pop_back();
        }
        first_.push_back({std::move(rank), each.peer().weak_from_this(), each.listener_name()});
        std::ranges::push_heap(first_, heap_order());
        return true;
    }

    void end() override {
        constexpr std::size_t rows_in_a_turn = 64;
        for (std::size_t i = 0; i < rows_in_a_turn && !first_.empty(); ++i) {
            if (const auto peer = first_.back().peer.lock())
                rows_.push_back(full_row(*peer, first_.back().listener, now()));
            first_.pop_back();
        }
        if (!first_.empty())
            return later([this] { end(); });
        survey_->deliver(shard_, total_, matched_, std::move(rows_));
    }

    ticks now() const noexcept { return group().shard().now(); }

    const std::shared_ptr<session_survey> survey_;
    const session_query& query_;
    const std::size_t shard_;
    std::size_t total_ = 0, matched_ = 0;
    std::vector<candidate> first_;
    std::vector<session_row> rows_;
};

void session_group::collect(std::shared_ptr<session_survey> survey, std::size_t shard) {
    std::make_shared<collection>(keep_alive(), std::move(survey), shard)->begin();
}

/// Closes the session that has a number.
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
