#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace fairlead::test {

class blocking_tls;

/// A plain blocking socket on the other side: what the peer of a server is in real life. Over TLS in a run over TLS
/// (`runs_over_tls`), if the server is; for programs that are built with FAIRLEAD_TLS_CLIENT.
///
/// Errors: every function throws std::system_error, a wait of more than ten seconds and a reset connection included.
class client {
public:
    explicit client(const endpoint& server);
    client(client&& other) noexcept;
    client& operator=(client&&) = delete;
    ~client();

    void write(bytes_view bytes);
    void write_byte_by_byte(bytes_view bytes);                  ///< each byte a call, and a packet, of its own
    void write_with_descriptor(bytes_view bytes, int attached); ///< on a Unix socket (SCM_RIGHTS, unix(7))
    void end_writing();

    std::string read(std::size_t size); ///< exactly so many bytes, or fewer when the server ends its side before
    std::string read_to_end();

    int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
    std::unique_ptr<blocking_tls> tls_; // null without
};

/// A message behind four bytes of length, big-endian, made without the library.
std::string frame(bytes_view message);

/// What the server answers to `bytes` when the client then ends its side.
std::string ask(const endpoint& server, bytes_view bytes);

} // namespace fairlead::test
