#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/session.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace fairlead::file_transfer {

/// Messages of a session that are handled together. A large message is used in place. Small ones are copied,
/// because a view is valid only until the next message.
class message_batch {
public:
    /// Takes `first` and, if it is small, the messages that have arrived after it.
    message_batch(bytes_view first, session& peer) : first_{first} {
        if (first.size() >= large)
            return;
        add(first);
        first_ = {};
        while (copies_.size() < large && ends_.size() < most) {
            const auto next = peer.try_receive();
            if (!next)
                break;
            add(*next);
        }
    }

    std::size_t size() const noexcept { return std::max<std::size_t>(1, ends_.size()); }

    bytes_view operator[](std::size_t which) const noexcept {
        if (ends_.empty())
            return first_;
        const std::size_t begin = which == 0 ? 0 : ends_[which - 1];
        return {copies_.data() + begin, ends_[which] - begin};
    }

private:
    static constexpr std::size_t large = 128 * 1024;
    static constexpr std::size_t most = 256;

    void add(bytes_view message) {
        copies_.append(message.text());
        ends_.push_back(copies_.size());
    }

    bytes_view first_;
    std::string copies_;
    std::vector<std::size_t> ends_;
};

} // namespace fairlead::file_transfer
