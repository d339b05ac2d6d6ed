#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace demo {

/// One end of a blocking TCP connection on 127.0.0.1, as in a program without a framework.
///
/// Errors: every function throws std::system_error, also if it waits longer than five seconds.
class loopback_socket {
public:
    static loopback_socket connect(std::uint16_t port);
    static loopback_socket listen();
    loopback_socket accept() const;

    loopback_socket(loopback_socket&& other) noexcept;
    loopback_socket& operator=(loopback_socket&&) = delete;
    ~loopback_socket();

    std::uint16_t port() const; ///< of this end

    void write(std::string_view bytes) const;
    void end_writing() const;

    /// Returns the bytes of one recv(); empty once the peer has ended its side.
    std::string read() const;

private:
    explicit loopback_socket(int descriptor) noexcept : descriptor_{descriptor} {}
    int descriptor_;
};

/// Writes each of `pieces` separately, with a pause in between so that they travel apart.
void write_apart(const loopback_socket& to, const std::vector<std::string>& pieces);

/// Writes `pieces` to a reader that takes every recv() for a message, and returns its messages.
std::vector<std::string> read_naively(const std::vector<std::string>& pieces);

} // namespace demo
