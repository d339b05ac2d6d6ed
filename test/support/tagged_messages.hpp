#pragma once

#include "support/choices.hpp"
#include "support/websocket_wire.hpp"

#include <algorithm>
#include <cstddef>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::test {

/// The whole messages among bytes, each after `width` bytes of its size; `chunked`: that is of its pieces, an empty one behind the
/// last.
inline std::vector<std::string> counted_in(std::string_view bytes, std::size_t width, bool chunked) {
    std::vector<std::string> messages;
    std::string begun;
    while (bytes.size() >= width) {
        const std::size_t size = websocket_wire::number_in(bytes.substr(0, width));
        if (bytes.size() < width + size)
            break;
        begun += bytes.substr(width, size);
        bytes.remove_prefix(width + size);
        if (!chunked || size == 0)
            messages.push_back(std::exchange(begun, {}));
    }
    return messages;
}

/// Messages of several senders to one peer, each of which tells its sender, and whether they arrive as they were sent.
class tagged_messages {
public:
    /// Whether the order of a message among those of other senders is known.
    enum class order { of_sender, of_all };

    explicit tagged_messages(choices& random) noexcept : random_{random} {}

    /// Makes the next message of a sender, such as `a12.xxxx`.
    std::string make(char sender, std::size_t most) {
        std::string text = sender + std::to_string(made_++) + ".";
        return text + random_.text(most);
    }

    void sent(std::string message, order known = order::of_all) {
        const char sender = message.front();
        sent_[sender].push_back({std::move(message), known == order::of_all ? ++ordered_ : 0});
    }

    /// The messages of each sender have arrived in their order; `all`: none is missing, else some at the end.
    void expect(const std::vector<std::string>& arrived, bool all) const {
        std::map<char, std::size_t> next;
        std::size_t last_ordered = 0;
        for (const std::string& each : arrived) {
            ASSERT_FALSE(each.empty());
            const auto of_sender = sent_.find(each.front());
            ASSERT_TRUE(of_sender != sent_.end()) << "nobody sent " << each.substr(0, 40);
            std::size_t& place = next[each.front()];
            ASSERT_LT(place, of_sender->second.size()) << "more than was sent, " << each.substr(0, 40);
            const auto& [text, number] = of_sender->second[place++];
            ASSERT_TRUE(each == text) << each.size() << " bytes " << each.substr(0, 40) << " instead of " << text.size()
                                      << " bytes " << text.substr(0, 40);
            EXPECT_TRUE(number == 0 || number > last_ordered) << "before an earlier message, " << each.substr(0, 40);
            last_ordered = std::max(last_ordered, number);
        }
        for (const auto& [sender, messages] : sent_) {
            if (all) {
                EXPECT_EQ(next[sender], messages.size()) << "of the sender " << sender;
            }
        }
    }

private:
    struct message {
        std::string text;
        std::size_t ordered; // 0: not known
    };

    choices& random_;
    std::map<char, std::vector<message>> sent_;
    std::size_t made_ = 0;
    std::size_t ordered_ = 0;
};

} // namespace fairlead::test
