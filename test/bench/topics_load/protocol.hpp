#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::bench {

/// The bytes of one protocol. A topic is one character, and each message begins with that of its topic.
class protocol {
public:
    enum class kind { length_prefix, websocket, nats };

    /// What is sent, and the bytes with which the answer ends, or which these follow.
    struct step {
        std::string sent, answer;
        std::string_view may_follow = {};
    };

    /// Takes the scheme of an URL: tcp is the length prefix, ws, nats. Errors: throws std::runtime_error.
    explicit protocol(std::string_view scheme);

    std::vector<step> opening() const;   ///< of a connection
    step subscription(char topic) const; ///< after the opening
    std::string published(std::string_view message) const;

    /// Of a message as it is delivered: the bytes before it, and all with those behind it.
    struct frame {
        std::size_t before, size;
    };
    frame delivered(std::size_t message) const;

    /// What may stand between two messages, told by its first byte.
    std::string_view interruption() const { return kind_ == kind::nats ? ping : ""; }

private:
    static constexpr std::string_view ping = "PING\r\n";

    kind kind_;
};

} // namespace fairlead::bench
