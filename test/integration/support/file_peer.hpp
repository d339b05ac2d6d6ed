#pragma once

#include "file_transfer/message.hpp"
#include "integration/support/client.hpp"

#include <fairlead/endpoint.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

namespace fairlead::test {

/// A sender's side of one connection to a receiver of files, message by message.
class file_peer {
public:
    explicit file_peer(const endpoint& receiver) : connection_{receiver} {}

    void say(const file_transfer::message& what) { connection_.write(frame(file_transfer::write_message(what))); }

    /// Offers a file, sends it and ends it, as if it were accepted.
    void send_whole(file_transfer::file_id id, const std::string& name, std::string_view bytes,
                    std::string resume = {}) {
        say(file_transfer::offer{.id = id, .name = name, .size = bytes.size(), .resume = std::move(resume)});
        if (!bytes.empty())
            say(file_transfer::piece{.id = id, .check = file_transfer::check_of(bytes), .bytes = bytes});
        end_whole(id, bytes);
    }

    void end_whole(file_transfer::file_id id, std::string_view bytes) {
        say(file_transfer::finish{.id = id, .size = bytes.size(), .hash = file_transfer::digest_of(bytes)});
    }

    /// The next reply. Errors: throws std::runtime_error when the receiver ends the connection, or says nothing for long.
    file_transfer::message reply() {
        const std::string header = connection_.read(4);
        std::size_t size = 0;
        for (const char each : header)
            size = size * 256 + static_cast<unsigned char>(each);
        const std::string body = connection_.read(size);
        const auto read = file_transfer::read_message(bytes_view{body});
        if (header.size() != 4 || !std::holds_alternative<file_transfer::message>(read))
            throw std::runtime_error{"no reply came: " + body};
        return std::get<file_transfer::message>(read);
    }

    /// The reply that ends a file: those that accept one are passed over.
    file_transfer::message last_reply() {
        for (;;) {
            auto next = reply();
            if (!std::holds_alternative<file_transfer::accept>(next))
                return next;
        }
    }

    std::string name_of_next_stored() { return std::get<file_transfer::stored>(last_reply()).name; }
    file_transfer::refusal next_refusal() { return std::get<file_transfer::refusal>(last_reply()); }

    client& connection() noexcept { return connection_; }

private:
    client connection_;
};

} // namespace fairlead::test
