#pragma once

#include <fairlead/tls.hpp>

#include <memory>
#include <string>
#include <vector>

namespace fairlead::test {

/// What a certificate of a test is like.
struct certificate_wish {
    std::string subject = "server";      ///< the common name
    std::vector<std::string> names = {}; ///< subject alternative names: "DNS:echo.example", "IP:127.0.0.1"
    long valid_from = -3'600;            ///< seconds from now
    long valid_until = 3'600;            ///< seconds from now
    bool authority = false;              ///< it may issue others
};

/// A certificate with a key of P-256 in files of their own, made for the test and removed with it.
class test_certificate {
public:
    /// Self-signed.
    explicit test_certificate(const certificate_wish& wish);
    /// Issued by another one, which may be issued itself.
    test_certificate(const certificate_wish& wish, const test_certificate& issuer);
    test_certificate(const test_certificate&) = delete;
    test_certificate& operator=(const test_certificate&) = delete;
    ~test_certificate();

    tls_certificate files() const { return {chain_file(), key_file()}; }
    std::string chain_file() const { return path_ + ".pem"; } ///< with the issuers up to the root, which is left out
    std::string key_file() const { return path_ + ".key"; }
    std::string encrypted_key_file() const; ///< the key with a pass phrase

    std::string pem() const;     ///< of the certificate alone
    std::string key_pem() const; ///< of the key

private:
    struct parts;
    void write_files() const;

    std::unique_ptr<parts> parts_;
    std::string path_;
};

} // namespace fairlead::test
