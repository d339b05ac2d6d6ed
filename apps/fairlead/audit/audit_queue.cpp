#include "audit/audit_queue.hpp"

#include <algorithm>
#include <utility>

namespace fairlead::command {

void audit_batch::add(std::string_view added, std::uint64_t stands_for) {
    lines_.push_back({text_.size(), text_.size() + added.size(), stands_for, false});
    text_ += added;
}

void audit_batch::add_rest(std::string_view rest) {
    if (rest.empty())
        return;
    lines_.push_back({text_.size(), text_.size() + rest.size(), 0, true});
    text_ += rest;
}

audit_batch::outcome audit_batch::after(std::size_t written) const {
    outcome left;
    for (const line& each : lines_) {
        if (each.end <= written)
            continue;
        if (each.begun || each.begin < written)
            left.rest = text_.substr(std::max(each.begin, written), each.end - std::max(each.begin, written));
        else
            left.lost += each.stands_for;
    }
    return left;
}

void audit_queue::tell_of_lost_behind(audit_time now) {
    if (lost_behind_ == 0)
        return;
    lines_.push_back({lost_entry(now, lost_behind_), lost_behind_});
    size_ += lines_.back().text.size();
    lost_behind_ = 0;
}

void audit_queue::push(std::string added, audit_time now) {
    if (size_ + added.size() > most_) {
        lose_one();
        return;
    }
    tell_of_lost_behind(now);
    size_ += added.size();
    lines_.push_back({std::move(added), 1});
}

audit_batch audit_queue::take(audit_time now) {
    tell_of_lost_behind(now);
    audit_batch taken;
    taken.add_rest(std::exchange(rest_, {}));
    if (const auto lost = std::exchange(lost_before_, 0); lost != 0)
        taken.add(lost_entry(now, lost), lost);
    for (const line& each : lines_)
        taken.add(each.text, each.stands_for);
    lines_.clear();
    size_ = 0;
    return taken;
}

void audit_queue::put_back(audit_batch::outcome left) {
    rest_ = std::move(left.rest);
    lost_before_ += left.lost;
}

} // namespace fairlead::command
