#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace demo {

/// One end of a plain blocking TCP connection on 127.0.0.1, as any program without a framework has it.
///
/// Errors: every function throws std::system_error; waiting longer than five seconds is one.
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

    /// What one recv() gives; empty once the peer has ended its side.
    std::string read() const;

private:
    explicit loopback_socket(int descriptor) noexcept : descriptor_{descriptor} {}
    int descriptor_;
};

/// Each of `pieces` in a write of its own, with a pause in between so that they travel apart.
void write_apart(const loopback_socket& to, const std::vector<std::string>& pieces);

/// What a reader gets that takes every recv() for a message, when these pieces are written to it.
std::vector<std::string> read_naively(const std::vector<std::string>& pieces);

} // namespace demo
