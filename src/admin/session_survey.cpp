#include "admin/session_survey.hpp"

#include "admin/json_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fairlead {

namespace {

void cut_to_first(std::vector<session_row>& rows, const session_query& query) {
    std::vector<std::pair<session_rank, std::size_t>> order;
    for (std::size_t i = 0; i < rows.size(); ++i)
        order.emplace_back(session_rank::of(rows[i], query.sort), i);
    std::ranges::sort(order, [&](const auto& one, const auto& other) {
        return comes_before(one.first, other.first, query.descending);
    });
    std::vector<session_row> sorted;
    for (std::size_t i = 0; i < std::min(order.size(), query.limit); ++i)
        sorted.push_back(std::move(rows[order[i].second]));
    rows = std::move(sorted);
}

void write_tls(json_writer& out, const std::optional<tls_info>& tls) {
    out.key("tls");
    if (!tls) {
        out.null();
        return;
    }
    out.begin_object()
        .member("version", tls->protocol)
        .member("cipher", tls->cipher)
        .member("server_name", tls->server_name)
        .member("alpn", tls->alpn)
        .end_object();
}

} // namespace

void session_survey::deliver(std::size_t shard, std::size_t total, std::size_t matched, std::vector<session_row> rows) {
    const std::lock_guard lock{mutex_};
    parts_[shard] = {true, total, matched, std::move(rows)};
}

bool session_survey::complete() const {
    const std::lock_guard lock{mutex_};
    return std::ranges::all_of(parts_, [](const part& each) { return each.delivered; });
}

session_list session_survey::take() {
    session_list all;
    const std::lock_guard lock{mutex_};
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        part& each = parts_[i];
        if (!each.delivered)
            all.blocked_shards.push_back(i);
        all.total += each.total;
        all.matched += each.matched;
        std::ranges::move(each.rows, std::back_inserter(all.rows));
    }
    cut_to_first(all.rows, query);
    return all;
}

void session_closing::found() {
    const std::lock_guard lock{mutex_};
    found_ = true;
}

void session_closing::answer(std::size_t shard) {
    const std::lock_guard lock{mutex_};
    answered_[shard] = true;
}

session_closing::outcome session_closing::present() const {
    const std::lock_guard lock{mutex_};
    if (found_)
        return outcome::closed;
    return std::ranges::all_of(answered_, std::identity{}) ? outcome::unknown : outcome::pending;
}

std::vector<std::size_t> session_closing::silent_shards() const {
    std::vector<std::size_t> silent;
    const std::lock_guard lock{mutex_};
    for (std::size_t i = 0; i < answered_.size(); ++i) {
        if (!answered_[i])
            silent.push_back(i);
    }
    return silent;
}

std::string to_json(const session_list& found) {
    json_writer out;
    out.begin_object().member("total", found.total).member("matched", found.matched);
    out.key("blocked_shards").begin_array();
    for (const std::size_t each : found.blocked_shards)
        out.value(each);
    out.end_array().key("sessions").begin_array();
    for (const session_row& each : found.rows) {
        out.begin_object()
            .member("id", each.id)
            .member("listener", each.listener)
            .member("remote", each.remote)
            .member("transport", each.transport);
        write_tls(out, each.tls);
        out.member("age", each.age)
            .member("state", each.state)
            .member("waits_for", each.waits_for)
            .member("queued", each.queued)
            .member("messages_in", each.counts.messages_in)
            .member("messages_out", each.counts.messages_out)
            .member("bytes_in", each.counts.bytes_in)
            .member("bytes_out", each.counts.bytes_out)
            .end_object();
    }
    out.end_array().end_object();
    return out.take();
}

} // namespace fairlead
