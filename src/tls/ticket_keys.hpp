#pragma once

#include "tls/openssl.hpp"

#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fairlead {

/// The key of session tickets (RFC 5077, section 4), with which a server resumes sessions that it does not keep.
struct ticket_key {
    ticket_key() = default;
    ticket_key(const ticket_key&) = default;
    ticket_key& operator=(const ticket_key&) = default;
    ~ticket_key() { OPENSSL_cleanse(this, sizeof *this); } ///< nothing of it stays in memory

    std::array<unsigned char, 16> name;
    std::array<unsigned char, 32> cipher;
    std::array<unsigned char, 32> mac;
};

/// The ticket keys of a listener, which all of its shards share.
///
///     next ──after period──▶ current ──after period──▶ previous ──after period──▶ forgotten
///
/// Tickets are made with the current key and accepted with each of the three, so a ticket is good for one to
/// two periods. The time is an argument. Thread safety: any thread.
class ticket_keys {
public:
    using time_point = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::hours period{12};

    /// Errors: throws std::bad_alloc if the system has no random bytes.
    explicit ticket_keys(time_point now);
    ticket_keys(const ticket_keys&) = delete;
    ticket_keys& operator=(const ticket_keys&) = delete;

    /// Takes the keys that `to_text` of another process returned. Errors: throws std::invalid_argument for
    /// another text.
    ticket_keys(std::string_view text, time_point now);

    /// Returns the age of the current key in milliseconds and all keys in hexadecimal digits: `5000 c0ffee…`.
    /// The text is secret.
    std::string to_text(time_point now);

    ticket_key current(time_point now);

    struct found_key {
        ticket_key key;
        bool is_current = true; ///< false: the peer needs a new ticket
    };
    std::optional<found_key> find(std::span<const unsigned char, 16> name, time_point now);

private:
    void rotate(time_point now);

    std::mutex mutex_;
    ticket_key next_;
    ticket_key current_;
    ticket_key previous_;
    time_point rotated_;
};

/// Makes the servers of `context` encrypt their tickets with `keys`. Lifetime: the keys outlive the context and
/// its sessions.
void use_ticket_keys(SSL_CTX* context, ticket_keys& keys);

} // namespace fairlead
