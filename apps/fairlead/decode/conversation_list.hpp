#pragma once

#include "decode/network_packet.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace fairlead::command {

/// The bytes that both ends of a conversation have sent.
struct conversation {
    std::uint64_t there = 0; ///< from the end that began
    std::uint64_t back = 0;
};

/// The conversations of a capture that carry bytes, up to a limit.
class conversation_list {
public:
    static constexpr std::size_t most = 1000;

    void take(const network_packet& packet);

    std::size_t size() const noexcept { return found_.size(); }
    bool full() const noexcept { return found_.size() >= most; }

    /// Returns a line for each of the largest, with its bytes in both directions.
    std::string text() const;

private:
    std::map<std::pair<endpoint, endpoint>, conversation> found_; // the sender of the first bytes first
};

} // namespace fairlead::command
