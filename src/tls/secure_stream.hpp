#pragma once

#include <fairlead/error.hpp>
#include <fairlead/tls.hpp>
#include <fairlead/transport/stream.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace fairlead {

class shard_core;
class tls_client_context;
class tls_server_context;

/// A stream that begins with a TLS handshake. This interface does not need OpenSSL, which a build may not have.
class secure_stream : public stream {
public:
    /// Reads the first message of the client, on the server's side. Until it is whole, the stream holds only
    /// its bytes. Reads until about `most` bytes are held.
    ///
    /// Errors: `errc::would_block`: wait for `readable`, or until `most` may be larger, then call again. All
    /// others are terminal.
    virtual result<void> receive_hello(std::size_t most) = 0;

    /// Returns the number of bytes of the first message that are held.
    virtual std::size_t hello_size() const noexcept = 0;

    /// Continues the handshake as far as possible without waiting. Errors: as above.
    virtual result<void> handshake() = 0;

    /// Returns true once the peer has sent anything.
    virtual bool begun() const noexcept = 0;

    /// Frees the memory of a handshake that has failed: only bytes that wait to be sent are left, such as an alert.
    virtual void release() noexcept = 0;
};

// In a build without TLS, these functions throw std::invalid_argument with the reason.

/// `ticket_keys`: as `export_ticket_keys` returns them; empty: new ones.
std::shared_ptr<const tls_server_context> load_server_tls(const tls_server_options& options,
                                                          const std::string& ticket_keys = {});

/// Returns the ticket keys as text, for the process that takes over.
std::string export_ticket_keys(const tls_server_context& of);

/// Reads the files of `present` again. The ticket keys are the same, so clients resume sessions from before.
std::shared_ptr<const tls_server_context> reload_server_tls(const tls_server_context& present);

std::shared_ptr<const tls_client_context> load_client_tls(const tls_client_options& options);

std::unique_ptr<secure_stream> accept_tls(shard_core& shard, std::unique_ptr<stream> inner,
                                          std::shared_ptr<const tls_server_context> context);

/// `host` is verified; `server` tells servers of one host apart. Errors: throws as `tls_stream::connect`.
std::unique_ptr<secure_stream> connect_tls(shard_core& shard, std::unique_ptr<stream> inner,
                                           std::shared_ptr<const tls_client_context> context, const std::string& host,
                                           const std::string& server);

} // namespace fairlead
