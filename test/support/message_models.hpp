#pragma once

#include "support/wire_format.hpp"

#include <fairlead/session.hpp>

#include <algorithm>
#include <cstddef>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::test {

/// What a peer sends, and whether that is what a session gives.
class incoming_model {
public:
    explicit incoming_model(const wire_format& by) : by_{by} {}

    /// The peer sends a message; in chunks, if the format has them, of up to `most` bytes.
    void add(std::string_view message, std::size_t most) {
        std::string bytes;
        if (by_.kind == wire_format::layout::chunks) {
            for (std::string_view rest = message; !rest.empty(); rest.remove_prefix(std::min(rest.size(), most)))
                bytes += by_.part(rest.substr(0, most));
            bytes += by_.tail();
        } else {
            bytes = by_.whole(message);
        }
        add_encoded(message, bytes);
    }

    /// The peer sends a message in these bytes.
    void add_encoded(std::string_view message, std::string_view bytes) {
        add_between(bytes);
        messages_.push_back({wire_.size(), text_.size(), text_.size() + message.size()});
        text_ += message;
    }

    /// The peer sends bytes of the protocol that are of no message.
    void add_between(std::string_view bytes) {
        wire_ += bytes;
        boundaries_.push_back(wire_.size());
    }

    const std::string& wire() const { return wire_; }
    bool inside() const { return inside_; }            ///< a part is still to come
    std::size_t received() const { return received_; } ///< whole messages
    std::size_t position() const { return position_; } ///< bytes of messages that were given

    /// The size of the next message; 0 behind the last.
    std::size_t next_size() const {
        return received_ < messages_.size() ? messages_[received_].end - messages_[received_].begin : 0;
    }

    void take_message(bytes_view message) {
        EXPECT_FALSE(inside_);
        take_part({message, 0});
    }

    void take_part(const message_part& part) {
        EXPECT_TRUE(text_.compare(position_, part.bytes.size(), part.bytes.text()) == 0)
            << part.bytes.size() << " bytes of message " << received_ << " are not those at " << position_;
        position_ += part.bytes.size();
        inside_ = !part.last();
        if (by_.kind == wire_format::layout::raw) {
            EXPECT_TRUE(part.last());
            return;
        }
        ASSERT_LT(received_, messages_.size()) << "more messages than were sent";
        const std::size_t left = messages_[received_].end - position_;
        if (part.left || by_.kind != wire_format::layout::chunks) {
            EXPECT_EQ(part.left, std::optional<std::uint64_t>{left}) << "of message " << received_;
        }
        received_ += part.last() ? 1 : 0;
    }

    /// All of the first `size` bytes of the wire was received, and the rest of them is not a whole message.
    void expect_all_of(std::size_t size, bool in_parts) const {
        if (by_.kind == wire_format::layout::raw) {
            EXPECT_EQ(position_, size);
            return;
        }
        std::size_t whole = 0;
        while (whole < messages_.size() && messages_[whole].wire_end <= size)
            ++whole;
        EXPECT_EQ(received_, whole);
        if (in_parts && by_.announces_sizes() && received_ < messages_.size()) {
            const message& next = messages_[received_];
            const std::size_t arrived = size - std::min(size, next.wire_end - (next.end - next.begin));
            EXPECT_EQ(position_, next.begin + arrived) << "bytes that have arrived were not given as a part";
        }
    }

    /// The first `size` bytes of the wire end between two messages.
    bool is_whole(std::size_t size) const {
        return size == 0 || by_.kind == wire_format::layout::raw || std::ranges::binary_search(boundaries_, size);
    }

private:
    struct message {
        std::size_t wire_end;
        std::size_t begin, end; // in the text
    };

    const wire_format& by_;
    std::string wire_;
    std::string text_; // of all messages
    std::vector<message> messages_;
    std::vector<std::size_t> boundaries_; // ends of the wire between two messages
    std::size_t received_ = 0;
    std::size_t position_ = 0; // in the text
    bool inside_ = false;
};

/// What a session was given to send, and which bytes of it the peer must get.
class outgoing_model {
public:
    explicit outgoing_model(const wire_format& by) : by_{by} {}

    void send(std::string_view message) {
        const bool waits = open_ && by_.divides_messages();
        (waits ? waiting_ : bytes_) += by_.whole(message);
        ++(waits ? messages_waiting_ : messages_);
    }
    void begin(std::size_t size) {
        EXPECT_FALSE(std::exchange(open_, true)) << "two messages at a time";
        add(by_.head(size));
    }
    void part(std::string_view bytes) { add(by_.part(bytes)); }
    void end() {
        add(by_.tail());
        bytes_ += std::exchange(gathered_, {}) + std::exchange(waiting_, {});
        messages_ += 1 + std::exchange(messages_waiting_, 0);
        open_ = false;
    }

    bool open() const { return open_; }
    const std::string& bytes() const { return bytes_; }
    std::size_t messages() const { return messages_; }

private:
    void add(const std::string& bytes) { (by_.divides_messages() ? bytes_ : gathered_) += bytes; }

    const wire_format& by_;
    std::string bytes_;
    std::string gathered_; // of a message whose format does not divide it
    std::string waiting_;  // behind the one that is open
    std::size_t messages_ = 0;
    std::size_t messages_waiting_ = 0;
    bool open_ = false;
};

} // namespace fairlead::test
