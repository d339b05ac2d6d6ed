#include <fairlead/tls.hpp>

#include <string>

namespace fairlead {

namespace {

struct alert {
    int number;
    std::string_view name;
    std::string_view advice;
};

constexpr alert alerts[] = {
    {0, "close_notify", "it ended the connection"},
    {10, "unexpected_message", "it does not follow the protocol, or the bytes were changed on their way"},
    {20, "bad_record_mac", "the bytes were changed on their way"},
    {21, "decryption_failed", "the bytes were changed on their way"},
    {22, "record_overflow", "the bytes were changed on their way"},
    {40, "handshake_failure", "it supports no cipher, group or signature of ours, or demands a certificate"},
    {41, "no_certificate", "it has no certificate"},
    {42, "bad_certificate", "it refuses our certificate"},
    {43, "unsupported_certificate", "it does not support the kind of our certificate"},
    {44, "certificate_revoked", "our certificate was revoked; ask its issuer for a new one"},
    {45, "certificate_expired", "our certificate has expired, or a clock is wrong; renew it"},
    {46, "certificate_unknown", "it refuses our certificate"},
    {47, "illegal_parameter", "it does not follow the protocol, or the bytes were changed on their way"},
    {48, "unknown_ca", "it does not know the issuer of our certificate; give it that issuer, or send the whole chain"},
    {49, "access_denied", "it accepts our certificate but does not let us in"},
    {50, "decode_error", "it could not read a message of the handshake"},
    {51, "decrypt_error", "a signature or a key exchange did not verify"},
    {70, "protocol_version", "it supports no version of TLS that we allow"},
    {71, "insufficient_security", "it demands stronger ciphers or keys"},
    {80, "internal_error", "it failed for a reason of its own"},
    {86, "inappropriate_fallback", "an older version of TLS was tried than both sides support"},
    {90, "user_canceled", "it cancelled the handshake"},
    {100, "no_renegotiation", "it does not renegotiate"},
    {109, "missing_extension", "it misses an extension"},
    {110, "unsupported_extension", "it does not support an extension"},
    {112, "unrecognized_name", "it has no certificate for the name that we asked for"},
    {113, "bad_certificate_status_response", "it refuses the status of our certificate"},
    {115, "unknown_psk_identity", "it does not know the key that we offered"},
    {116, "certificate_required", "it demands a certificate of ours; give it one"},
    {120, "no_application_protocol", "it serves none of the application protocols that we offered (ALPN)"},
};

class alert_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "tls-alert"; }
    std::string message(int value) const override {
        for (const alert& each : alerts) {
            if (each.number == value)
                return std::string{each.name} + ": the peer sent this TLS alert; " + std::string{each.advice};
        }
        return "the peer sent the TLS alert " + std::to_string(value);
    }
};

// The numbers are those of openssl/x509_vfy.h, which no version of OpenSSL may change.
class refused_certificate_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "certificate"; }
    std::string message(int value) const override { return "the peer's certificate was refused: " + reason(value); }

private:
    static std::string reason(int value) {
        switch (value) {
        case 2:
        case 20:
        case 21: return "its issuer is unknown; name the issuer's certificate as one to trust";
        case 7: return "its signature is wrong";
        case 9: return "it is not valid yet; check the clocks of both sides";
        case 10: return "it has expired; the peer must renew it";
        case 18: return "it is self-signed and not among the trusted ones; name it as one to trust";
        case 19: return "the root of its chain is self-signed and not among the trusted ones; name it as one to trust";
        case 22: return "its chain is too long";
        case 23: return "it was revoked";
        case 24:
        case 79: return "a certificate of its chain is not that of an authority";
        case 26: return "it is for another purpose";
        case 28: return "it was rejected";
        case 47:
        case 48: return "its issuer may not issue certificates for that name";
        case 62: return "its names do not match the name of the server";
        case 64: return "its addresses do not match the address of the server";
        case 66: return "its key is too small";
        case 67: return "the key of its issuer is too small";
        case 68: return "it is signed by a digest that is too weak";
        default: return "error " + std::to_string(value) + " of openssl-verify(1)";
        }
    }
};

class category_of_tls final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "tls"; }
    std::string message(int value) const override {
        switch (static_cast<tls_errc>(value)) {
        case tls_errc::not_tls:
            return "the peer does not speak TLS; connect to the right port, or use TLS on both sides";
        case tls_errc::malformed:
            return "the peer broke the TLS protocol, or bytes were changed on their way; connect again";
        case tls_errc::unsupported_version:
            return "the peer supports no version of TLS that is allowed here; update it, or lower min_version";
        case tls_errc::no_shared_cipher:
            return "the peer supports no cipher, group or signature that is allowed here; update it";
        case tls_errc::no_shared_alpn:
            return "the peer offered application protocols (ALPN), and none of them is served here";
        case tls_errc::certificate_missing:
            return "the client sent no certificate; it needs one of the issuers that the server trusts";
        case tls_errc::ended_in_handshake:
            return "the peer ended the connection in the TLS handshake; its log may say the reason";
        case tls_errc::handshake_timeout:
            return "the TLS handshake did not end in time; check the peer, or raise handshake_timeout";
        case tls_errc::hello_too_large:
            return "the first TLS message of the client is too large; it is no usual client";
        case tls_errc::record_flood:
            return "the peer sent too many TLS records without data, such as key updates; it may be an attacker";
        case tls_errc::failed: return "TLS failed; the log has the reason that OpenSSL gives";
        }
        return "unknown TLS error " + std::to_string(value);
    }
};

} // namespace

std::string_view to_string(tls_errc value) noexcept {
    switch (value) {
    case tls_errc::not_tls: return "not_tls";
    case tls_errc::malformed: return "malformed";
    case tls_errc::unsupported_version: return "unsupported_version";
    case tls_errc::no_shared_cipher: return "no_shared_cipher";
    case tls_errc::no_shared_alpn: return "no_shared_alpn";
    case tls_errc::certificate_missing: return "certificate_missing";
    case tls_errc::ended_in_handshake: return "ended_in_handshake";
    case tls_errc::handshake_timeout: return "handshake_timeout";
    case tls_errc::hello_too_large: return "hello_too_large";
    case tls_errc::record_flood: return "record_flood";
    case tls_errc::failed: return "failed";
    }
    return "unknown";
}

const boost::system::error_category& tls_category() noexcept {
    static const category_of_tls instance;
    return instance;
}

const boost::system::error_category& tls_alert_category() noexcept {
    static const alert_category instance;
    return instance;
}

const boost::system::error_category& certificate_category() noexcept {
    static const refused_certificate_category instance;
    return instance;
}

} // namespace fairlead
