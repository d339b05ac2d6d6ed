// The end of a TLS stream, and the reason for it.

#include "tls/certificate_text.hpp"
#include "tls/openssl_errors.hpp"
#include "tls/tls_stream.hpp"

#include <utility>

namespace fairlead {

namespace {

// A certificate can have kilobytes of names, which are too many for a line of the log.
std::string shortened(std::string text) {
    constexpr std::size_t most = 256;
    return text.size() <= most ? text : text.substr(0, most) + "...";
}

std::string join_names(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& each : names)
        text += (text.empty() ? "" : ", ") + each;
    return text.empty() ? "no name" : shortened(text);
}

std::string describe_refusal(int why, X509* certificate) {
    const std::string subject = "the certificate of '" + shortened(subject_of(certificate)) + "' ";
    switch (why) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return subject + "expired on " + time_text(X509_get0_notAfter(certificate));
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return subject + "is not valid before " + time_text(X509_get0_notBefore(certificate));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return subject + "is for " + join_names(alternative_names_of(certificate));
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return subject + "is self-signed";
    default:
        return subject + "of the issuer '" + shortened(issuer_of(certificate)) +
               "': " + X509_verify_cert_error_string(why);
    }
}

} // namespace

error_code tls_stream::end_input(error_code why) noexcept {
    if (phase_ == phase::hello && wire_.received.empty())
        return fail(why); // the peer has sent nothing
    if (phase_ != phase::open)
        return fail(why == errc::closed ? make_error_code(tls_errc::ended_in_handshake) : why);
    if (why == errc::closed) {
        why = errc::truncated;
        explain_as("TLS ended without close_notify");
    }
    return input_end_ = why;
}

void tls_stream::explain_as(std::string_view words) noexcept try {
    if (!explanation_ && !words.empty())
        explanation_ = std::make_unique<const std::string>(words);
} catch (...) {
    // The error says the same in fewer words.
}

// Without memory there is no explanation, but the stream fails all the same.
error_code tls_stream::fail(error_code why, std::string_view words) noexcept {
    if (!why)
        why = tls_errc::failed; // a failure must not look like a success
    phase_ = phase::failed;
    input_end_ = why;
    output_failure_ = why;
    explain_as(words);
    flush(); // the alert
    return why;
}

error_code tls_stream::fail_by_openssl() noexcept {
    std::string words;
    try {
        words = openssl_reason();
    } catch (...) {
        words.clear();
    }
    const error_code why = take_openssl_error(SSL_get_verify_result(ssl_.get()));
    return fail(wire_.out_of_memory ? make_error_code(boost::system::errc::not_enough_memory) : why, words);
}

void tls_stream::certificate_refused(X509_STORE_CTX* store) noexcept try {
    const int why = X509_STORE_CTX_get_error(store);
    X509* const certificate = X509_STORE_CTX_get_current_cert(store);
    if (certificate)
        explanation_ = std::make_unique<const std::string>(describe_refusal(why, certificate));
} catch (...) {
    // The error says the same in fewer words.
}

void tls_stream::shutdown() noexcept {
    if (output_ != output::open)
        return;
    output_ = output::ending;
    const empty_error_queue errors;
    if (phase_ == phase::open)
        SSL_shutdown(ssl_.get()); // the peer's close_notify is read like other bytes
    flush();
}

void tls_stream::close() noexcept {
    output_ = output::closed;
    flusher_.stop(inner_->writable());
    handshaker_.stop(inner_->readable());
    inner_->close();
}

tls_info tls_stream::info() const {
    if (!ssl_ || !SSL_get_current_cipher(ssl_.get()))
        return {};
    const empty_error_queue errors;
    const auto text_or_none = [](const char* text) { return std::string{text ? text : ""}; };
    tls_info known;
    known.protocol = SSL_get_version(ssl_.get());
    known.cipher = text_or_none(SSL_get_cipher_name(ssl_.get()));
    const unsigned char* alpn = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &alpn, &size);
    known.alpn = escape(bytes_view{alpn, size});
    known.server_name = escape(text_or_none(SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name)));
    known.resumed = SSL_session_reused(ssl_.get()) == 1;
    if (const X509* const peer = SSL_get0_peer_certificate(ssl_.get())) {
        known.peer_subject = subject_of(peer);
        known.peer_names = alternative_names_of(peer);
        known.peer_fingerprint = fingerprint_of(peer);
    }
    return known;
}

} // namespace fairlead
