#include "file_transfer/sender_protocol.hpp"

#include <fairlead/printable.hpp>

#include <algorithm>
#include <utility>

namespace fairlead::file_transfer {

namespace {

sender_protocol::nonsense against_protocol(std::string fault) {
    return {.why = "the receiver does not keep to the protocol: " + std::move(fault)};
}

std::string_view name_of(const message& reply) noexcept {
    constexpr std::string_view names[] = {"an offer", "a piece of a file", "a finish", "an abandon"};
    return names[std::min(reply.index(), std::size(names) - 1)];
}

} // namespace

sender_protocol::sender_protocol(std::size_t files, std::size_t window)
    : files_(files), window_{std::clamp<std::size_t>(window, 1, max_open_files)} {}

// Offers come first, because their replies take a round trip; then the first file that can continue.
sender_protocol::task sender_protocol::next() const noexcept {
    if (may_offer())
        return {.action = step::offer, .file = next_to_offer_};
    for (std::size_t i = first_open_; i < next_to_offer_; ++i) {
        const file& each = files_[i];
        switch (each.now) {
        case state::comparing: return {.action = step::compare, .file = i, .offset = each.offset};
        case state::sending: {
            const std::uint64_t left = each.size ? *each.size - each.offset : each.chunk;
            const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(left, each.chunk));
            return {.action = step::send, .file = i, .offset = each.offset, .most = most};
        }
        case state::at_end: return {.action = step::finish, .file = i, .offset = each.offset};
        default: break;
        }
    }
    return {.action = open_ == 0 ? step::end : step::wait};
}

bool sender_protocol::may_offer() const noexcept {
    if (next_to_offer_ == files_.size() || open_ == window_)
        return false;
    std::uint64_t ahead = 0;
    for (std::size_t i = first_open_; i < next_to_offer_; ++i) {
        const file& each = files_[i];
        if (each.now == state::finished || each.now == state::ended || each.now == state::at_end)
            continue;
        ahead += each.size ? *each.size - each.offset : max_ahead;
        if (ahead >= max_ahead)
            return false;
    }
    return true;
}

offer sender_protocol::offered(std::size_t which, offer facts) {
    file& of = files_[which];
    offered_.push_back(which);
    facts.id = of.id = static_cast<file_id>(offered_.size());
    of.now = state::offered;
    of.size = facts.size;
    of.hash = facts.hash;
    of.resumable = !facts.resume.empty();
    ++open_;
    next_to_offer_ = which + 1;
    return facts;
}

void sender_protocol::skipped(std::size_t which) {
    ++open_;
    next_to_offer_ = which + 1;
    end(files_[which]);
}

std::uint64_t sender_protocol::compared(std::size_t which, const digest& beginning) {
    file& of = files_[which];
    if (of.now == state::comparing) {
        if (of.beginning != beginning)
            of.offset = 0;
        go_on(of);
    }
    return of.offset;
}

void sender_protocol::go_on(file& at) noexcept {
    at.now = at.size == at.offset ? state::at_end : state::sending;
}

bool sender_protocol::wants(std::size_t which, std::uint64_t offset) const noexcept {
    return files_[which].now == state::sending && files_[which].offset == offset;
}

bool sender_protocol::at_end(std::size_t which, std::uint64_t offset) const noexcept {
    return files_[which].now == state::at_end && files_[which].offset == offset;
}

std::optional<piece> sender_protocol::sent(std::size_t which, std::uint64_t offset, std::size_t size) {
    file& of = files_[which];
    if (!wants(which, offset))
        return {};
    of.offset += size;
    go_on(of);
    return piece{.id = of.id, .offset = offset};
}

void sender_protocol::reached_end(std::size_t which) {
    file& of = files_[which];
    if (of.now == state::sending)
        of.now = state::at_end;
}

finish sender_protocol::finished(std::size_t which, std::uint64_t size, const digest& hash) {
    file& of = files_[which];
    of.now = state::finished;
    of.hash = hash;
    return {.id = of.id, .size = size, .hash = hash};
}

std::optional<abandon> sender_protocol::abandoned(std::size_t which) {
    file& of = files_[which];
    if (of.now == state::ended)
        return {};
    of.abandoned = true;
    end(of);
    return abandon{.id = of.id};
}

void sender_protocol::end(file& which) noexcept {
    which.now = state::ended;
    --open_;
    while (first_open_ < next_to_offer_ && files_[first_open_].now == state::ended)
        ++first_open_;
}

// --- replies --------------------------------------------------------------------------------------------------------

sender_protocol::verdict sender_protocol::take(const message& reply) {
    if (const auto* const accepted = std::get_if<accept>(&reply))
        return find(*accepted);
    if (const auto* const repeat = std::get_if<again>(&reply))
        return find(*repeat);
    if (const auto* const whole = std::get_if<stored>(&reply))
        return find(*whole);
    if (const auto* const refused = std::get_if<refusal>(&reply)) {
        if (refused->id != 0 && refused->code != refusal_code::protocol)
            return find(*refused);
        return nonsense{refused->code, refused->retry,
                        "the receiver ended the connection: " + printable(bytes_view{refused->reason})};
    }
    return against_protocol("it sent " + std::string{name_of(reply)} + "; is it another sender, or an echo server?");
}

template <class Reply>
sender_protocol::verdict sender_protocol::find(const Reply& reply) {
    if (reply.id == 0 || reply.id > offered_.size())
        return against_protocol("it answers for file " + std::to_string(reply.id) + ", which was not offered");
    file& of = files_[offered_[reply.id - 1]];
    if (of.abandoned)
        return {}; // the reply was on its way when the file was taken back
    if (of.now == state::ended)
        return against_protocol("it answers for file " + std::to_string(reply.id) + ", which has ended");
    return on(reply, of);
}

sender_protocol::verdict sender_protocol::on(const accept& reply, file& of) {
    if (of.now != state::offered)
        return against_protocol("it accepted a file twice");
    if (reply.chunk == 0)
        return against_protocol("it takes pieces of no bytes only");
    if (reply.offset != 0 && (!of.resumable || !reply.hash))
        return against_protocol("it goes on with a file without saying with what");
    if (of.size && reply.offset > *of.size)
        return against_protocol("it goes on behind the end of a file");
    of.chunk = std::min(reply.chunk, max_piece);
    of.offset = reply.offset;
    of.beginning = reply.hash;
    if (of.offset != 0)
        of.now = state::comparing;
    else
        go_on(of);
    return {};
}

sender_protocol::verdict sender_protocol::on(const again& reply, file& of) {
    if (of.now != state::sending && of.now != state::at_end && of.now != state::finished)
        return against_protocol("it wants bytes again of a file that it did not accept");
    if (reply.offset > of.offset)
        return against_protocol("it wants bytes again that were not sent");
    if (++of.repeats > max_repeats)
        return against_protocol("it wants bytes again without end");
    of.offset = reply.offset;
    of.now = state::sending;
    if (of.size)
        go_on(of);
    return {};
}

sender_protocol::verdict sender_protocol::on(const stored& reply, file& of) {
    if (of.now != state::finished && !(of.now == state::offered && of.hash))
        return against_protocol("it stored a file that was not sent");
    if (of.hash != reply.hash || (of.size && of.size != reply.size))
        return against_protocol("it stored something else than was sent");
    end(of);
    return ending{offered_[of.id - 1], reply};
}

sender_protocol::verdict sender_protocol::on(const refusal& reply, file& of) {
    end(of);
    return ending{offered_[of.id - 1], reply};
}

} // namespace fairlead::file_transfer
