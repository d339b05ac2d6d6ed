#pragma once

#include <fairlead/api.hpp>
#include <fairlead/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace FAIRLEAD_API fairlead {

/// A version of TLS. Older ones are refused.
enum class tls_version : std::uint8_t {
    v1_2, ///< RFC 5246, with forward secrecy and authenticated ciphers only
    v1_3, ///< RFC 8446
};

/// A certificate and its private key, in two PEM files.
struct tls_certificate {
    std::string chain_file; ///< the certificate, then those of its issuers up to the root, which may be left out
    std::string key_file;   ///< the private key, without a pass phrase

    bool operator==(const tls_certificate&) const = default; ///< true for the same files
};

/// The certificates that a server asks its clients for.
enum class client_certificate : std::uint8_t {
    none,     ///< ask for none
    optional, ///< ask; refuse an invalid one, and accept a client without one
    required, ///< refuse clients without a valid one
};

/// Options of TLS on a listener.
///
///     const tls_server_options options{.certificates = {{"/etc/echo/chain.pem", "/etc/echo/key.pem"}}};
///
/// A session begins when the handshake is done. Until then the connection counts for `limits::max_sessions` already, and
/// `handshake_timeout` is its only time limit. A stop closes the connection if the first message of the client has not arrived;
/// else the handshake has one second. Failures are counted (`session_statistics::tls_handshake_failures`) and logged, and reported
/// to `server_options::on_refused`.
///
/// Files are read and checked when the listener is made, and again by `server::reload_certificates`. A client gets the first
/// certificate that has the name it asks for, exactly; else the first with a wildcard for its first label; else the first of all.
/// A certificate without alternative names has its common name.
///
/// Revocation (CRL, OCSP) is never checked; to withdraw a certificate, change `client_ca_file`. A session that was begun with a
/// certificate of a client is not resumed once that has expired.
struct tls_server_options {
    std::vector<tls_certificate> certificates; ///< at least one

    /// PEM: issuers of client certificates, roots or not; needed unless `clients` is none.
    std::string client_ca_file = {};
    client_certificate clients = client_certificate::none; ///< the certificates that clients are asked for
    tls_version min_version = tls_version::v1_2;           ///< clients with older versions only are refused
    /// Names of application protocols, most preferred first (RFC 7301). A client that offers others only is refused; a client
    /// that offers none is accepted.
    std::vector<std::string> alpn = {};
    /// From accept, or from the end of the PROXY header, to the end of the handshake; 0: no limit.
    std::chrono::milliseconds handshake_timeout{10'000};

    /// Handshakes at one time, from the whole first message of a client to the end; 0: no limit. Others wait in the order in
    /// which they came, as long as `handshake_timeout` lets them. Clients of one IPv4 address, or one /64 of IPv6, have at most a
    /// quarter of the places, and the others of them wait outside of that order. The loopback and Unix sockets are not counted.
    std::size_t max_handshakes = 256;

    std::size_t handshakes_per_second = 0; ///< handshakes that begin in a second; others wait; 0: no limit

    bool operator==(const tls_server_options&) const = default; ///< true for the same options
};

/// Reads the files of these options and checks them as `server::listen` does: whether they can be read, a key belongs to its
/// certificate, and so on. Changes nothing.
///
///     validate(options);                      // before server::reload_certificates
///
/// Errors: throws std::invalid_argument, whose text names the file and the fault; also in a build without TLS.
void validate(const tls_server_options& options);

/// Options of TLS on a connection of a client. By default the certificate of the server is verified against the authorities that
/// the system trusts, and against the name or address that was connected to, which has to be among its subject alternative names:
/// a common name does not count. Revocation is never checked.
///
///     const tls_client_options options{.ca_file = "/etc/echo/ca.pem", .server_name = "echo.example"};
struct tls_client_options {
    std::string ca_file = {}; ///< PEM: certificates to trust in place of the system's

    /// The name or address to ask for and to verify; empty: the host of the URL. One dot at its end is left out.
    std::string server_name = {};
    std::optional<tls_certificate> certificate = {}; ///< for servers that ask for one
    tls_version min_version = tls_version::v1_2;     ///< servers with older versions only are refused

    /// Names of application protocols, most preferred first; a server that chooses none is accepted: see `tls_info::alpn`.
    std::vector<std::string> alpn = {};
    std::chrono::milliseconds handshake_timeout{
        10'000}; ///< from the connection to the end of the handshake; 0: no limit

    /// Accepts every certificate. TLS then protects against an attacker that only reads, not against one that poses as the server.
    /// For tests.
    bool accept_any_certificate = false;

    bool operator==(const tls_client_options&) const = default; ///< true for the same options
};

/// The result of a TLS handshake. Texts from the peer are printable ASCII: `peer_subject` is escaped as RFC 2253 has it, all else as
/// by `escape`.
///
/// The names were verified by the issuers of `client_ca_file`, and are not to be trusted on a client with
/// `accept_any_certificate`. To recognise one peer compare `peer_fingerprint`.
struct tls_info {
    std::string protocol = {};                ///< "TLSv1.3" or "TLSv1.2"
    std::string cipher = {};                  ///< "TLS_AES_256_GCM_SHA384"
    std::string alpn = {};                    ///< the application protocol that both sides chose; empty: none
    std::string server_name = {};             ///< the name that the client asked for; empty: none
    std::string peer_subject = {};            ///< of the peer's certificate, as in RFC 2253; empty: it has none
    std::vector<std::string> peer_names = {}; ///< its subject alternative names: `DNS:echo.example`, `IP:127.0.0.1`
    std::string peer_fingerprint = {}; ///< SHA-256 of the peer's certificate: 64 hexadecimal digits; empty: it has none
    bool resumed = false;              ///< true: the keys of an earlier session were used again
};

/// Errors of TLS. Certificates and alerts have categories of their own.
enum class tls_errc {
    not_tls = 1,         ///< The first bytes of the peer are not TLS.
    malformed,           ///< The peer broke the protocol, or bytes were changed on their way.
    unsupported_version, ///< The peer supports no version of TLS that is allowed here.
    no_shared_cipher,    ///< The peer supports no cipher, group or signature that is allowed here.
    no_shared_alpn,      ///< The peer offered application protocols, and none of them is served here.
    certificate_missing, ///< The client sent no certificate although one is required.
    ended_in_handshake,  ///< The peer ended the connection before the end of the handshake.
    handshake_timeout,   ///< The handshake did not end in time.
    hello_too_large,     ///< The first message of the client is larger than 16 KiB.

    /// The peer sent records without data, such as key updates, faster than 10 a second after the first 100.
    record_flood,
    failed, ///< OpenSSL reports another error.
};

/// Returns the name of an error: `not_tls`. "unknown" for other values.
std::string_view to_string(tls_errc value) noexcept;

/// Returns the category "tls", whose values are those of `tls_errc`.
const boost::system::error_category& tls_category() noexcept;

/// Returns the category "tls-alert" for alerts that the peer sent. Its values are those of RFC 8446, section 6, such as 48 for
/// `unknown_ca`; the message begins with the name.
const boost::system::error_category& tls_alert_category() noexcept;

/// Returns the category "certificate" for certificates that were refused here. Its values are the X509_V_ERR_ values of OpenSSL,
/// such as 10 for an expired certificate and 62 for one of another name.
const boost::system::error_category& certificate_category() noexcept;

/// Returns the value as an `error_code` of `tls_category()`.
inline error_code make_error_code(tls_errc value) noexcept {
    return {static_cast<int>(value), tls_category()};
}

} // namespace fairlead

template <>
struct boost::system::is_error_code_enum<fairlead::tls_errc> : std::true_type {};
