#include "channel/datagram_channel.hpp"

#include <utility>

namespace fairlead {

datagram_channel::datagram_channel(datagram_sessions& among, const datagram_sessions::address& remote,
                                   const datagram_path& path, std::size_t first)
    : sessions_{among}, endpoint_{among.endpoint_}, address_{remote}, remote_{path.peer()}, path_{path},
      budget_{endpoint_.options().max_reply_ratio}, arrived_{endpoint_.shard().blocks()},
      read_{endpoint_.shard().blocks()} {
    budget_.received(first);
    ++sessions_.channels_;
}

datagram_channel::~datagram_channel() {
    if (offer_)
        offer_->channel_gone = true;
    leave();
    sessions_.release_channel();
}

// --- arriving

void datagram_channel::deliver(bytes_view datagram, const datagram_path& path) {
    path_ = path; // replies take the path of the last datagram
    budget_.received(datagram.size());
    hand_over(datagram);
}

void datagram_channel::hand_over(bytes_view datagram) {
    if (!readable_.awaited() || !arrived_.empty())
        return put_in_queue(datagram);
    offer here{.datagram = datagram};
    offer_ = &here;
    readable_.notify();
    if (here.channel_gone)
        return;
    offer_ = nullptr;
    if (!here.taken)
        put_in_queue(datagram);
}

void datagram_channel::put_in_queue(bytes_view datagram) {
    datagram_counters& counted = endpoint_.counters();
    const std::size_t added = datagram_queue::header + datagram.size();
    const std::size_t waiting = arrived_.size() + read_.size();
    if (closed_)
        return counted.dropped_by_end.add();
    if (waiting != 0 && waiting + added > endpoint_.options().peer_queue)
        return counted.dropped_for_queue.add();
    if (arrived_.size() + added > endpoint_.shard().blocks().left())
        return counted.dropped_for_memory.add();
    arrived_.add(datagram);
    if (readable_.awaited())
        endpoint_.shard().at_end_of_turn(*this);
}

// --- receiving

bool datagram_channel::take_offer() noexcept {
    return offer_ && !std::exchange(offer_->taken, true);
}

result<std::size_t> datagram_channel::fill(std::size_t) {
    if (closed_)
        return errc::closed; // `receive` says why
    if (read_.empty() && take_offer()) {
        read_.clear();
        read_.add(offer_->datagram);
        return offer_->datagram.size();
    }
    if (!read_.empty() || arrived_.empty())
        return errc::would_block;
    read_.clear();
    std::swap(read_, arrived_);
    return read_.payload();
}

result<receive_outcome> datagram_channel::receive(message_sink& to) {
    while (!read_.empty()) {
        const decoded next = read_.next();
        replies_.put_in_hand(*next.message, nullptr);
        read_.bytes().consume(next.consumed);
        if (!to.take_message(*next.message))
            return receive_outcome::stopped;
    }
    if (!closed_)
        return receive_outcome::starved;
    read_.clear();
    return why_closed_ == errc::closed ? result<receive_outcome>{receive_outcome::ended} : why_closed_;
}

std::string datagram_channel::explain(error_code why) const {
    return why == errc::refused_by_limit ? "another peer took its place (udp_options::max_peers)" : why.message();
}

bool datagram_channel::park() {
    if (read_.empty())
        read_.clear();
    return inside_message();
}

void datagram_channel::drop_unread() noexcept {
    endpoint_.counters().dropped_by_end.add(arrived_.count() + read_.count());
    arrived_.clear();
    read_.drop();
}

void datagram_channel::drop_input() noexcept {
    drop_unread();
    read_.clear();
}

// --- sending

result<output_progress> datagram_channel::send(bytes_view message) {
    if (failure_)
        return failure_;
    if (closed_)
        return why_closed_;
    if (const auto sent = endpoint_.try_send(path_, message, &budget_); !sent)
        return sent.error();
    return output_progress{.written = message.size()};
}

// --- the end

void datagram_channel::close() noexcept {
    if (closed_)
        return;
    leave();
    endpoint_.shard().at_end_of_turn(*this);
}

// The session receives the error, and its handler continues until it returns.
void datagram_channel::evict() noexcept {
    why_closed_ = errc::refused_by_limit;
    close();
}

void datagram_channel::leave() noexcept {
    if (std::exchange(closed_, true))
        return;
    drop_unread(); // a handler that waits may still read the message in its hand
    sessions_.forget(*this);
}

std::optional<proxy_info> datagram_channel::proxy() const {
    return path_.proxied ? std::optional{path_.proxied->info} : std::nullopt;
}

endpoint datagram_channel::local() const {
    return endpoint_.local();
}

void datagram_channel::end_of_turn() {
    readable_.notify();
}

} // namespace fairlead
