#pragma once

#include "topics_load/protocol.hpp"

#include <cstddef>
#include <netinet/in.h>
#include <span>
#include <string_view>

namespace fairlead::bench {

/// A connection that waits for what it sends, and reads only what is there. Errors: throws std::runtime_error.
class connection {
public:
    /// `receive_buffer` is SO_RCVBUF; 0: as the system has it.
    explicit connection(const ::sockaddr_in& to, int receive_buffer = 0);
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection();

    int socket() const noexcept { return socket_; }

    void send(std::string_view bytes);
    void wait_for_answer(const protocol::step& of);

    /// Returns the bytes read; 0 if there are none now.
    std::size_t read(char* to, std::size_t room);

private:
    const int socket_;
};

/// Sends to each of them, and then waits for the answer of each.
void converse(std::span<connection* const> with, const protocol::step& of);

} // namespace fairlead::bench
