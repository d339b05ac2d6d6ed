#include "support/tls_certificates.hpp"

#include "tls/openssl.hpp"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <openssl/pem.h>
#include <stdexcept>
#include <unistd.h>

namespace fairlead::test {

namespace {

/// A folder of this process, removed at its end.
class folder {
public:
    folder() {
        std::string name = (std::filesystem::temp_directory_path() / "fairlead-tls-XXXXXX").string();
        if (!::mkdtemp(name.data()))
            throw std::runtime_error{"no folder for certificates"};
        path_ = name;
    }
    ~folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string next() { return path_ + '/' + std::to_string(++count_); }

private:
    std::string path_;
    std::atomic<int> count_{0};
};

folder& files() {
    static folder made;
    return made;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (!made || X509_add_ext(certificate, made, -1) != 1)
        throw std::runtime_error{"the extension " + value + " cannot be added"};
    X509_EXTENSION_free(made);
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& each : names)
        text += (text.empty() ? "" : ",") + each;
    return text;
}

std::string text_of(const bio_ptr& written) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(written.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

x509_ptr make_certificate(const certificate_wish& wish, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
    static std::atomic<long> serial{1};
    x509_ptr made{X509_new()};
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), wish.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), wish.valid_until);
    X509_set_pubkey(made.get(), key);
    const auto* const name = reinterpret_cast<const unsigned char*>(wish.subject.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8, name, -1, -1, 0);
    X509_set_issuer_name(made.get(), X509_get_subject_name(issuer ? issuer : made.get()));
    add_extension(made.get(), made.get(), NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!wish.names.empty())
        add_extension(made.get(), made.get(), NID_subject_alt_name, joined(wish.names));
    X509_sign(made.get(), issuer_key ? issuer_key : key, EVP_sha256());
    return made;
}

} // namespace

struct test_certificate::parts {
    evp_pkey_ptr key;
    x509_ptr certificate;
    std::string issuers; // in PEM form, without the root
};

test_certificate::test_certificate(const certificate_wish& wish)
    : parts_{std::make_unique<parts>()}, path_{test::files().next()} {
    parts_->key.reset(EVP_EC_gen("P-256"));
    parts_->certificate = make_certificate(wish, parts_->key.get(), nullptr, nullptr);
    write_files();
}

test_certificate::test_certificate(const certificate_wish& wish, const test_certificate& issuer)
    : parts_{std::make_unique<parts>()}, path_{test::files().next()} {
    X509* const by = issuer.parts_->certificate.get();
    parts_->key.reset(EVP_EC_gen("P-256"));
    parts_->certificate = make_certificate(wish, parts_->key.get(), by, issuer.parts_->key.get());
    if (X509_check_issued(by, by) != X509_V_OK)
        parts_->issuers = issuer.pem() + issuer.parts_->issuers;
    write_files();
}

test_certificate::~test_certificate() = default;

std::string test_certificate::pem() const {
    const bio_ptr written{BIO_new(BIO_s_mem())};
    PEM_write_bio_X509(written.get(), parts_->certificate.get());
    return text_of(written);
}

std::string test_certificate::key_pem() const {
    const bio_ptr written{BIO_new(BIO_s_mem())};
    PEM_write_bio_PrivateKey(written.get(), parts_->key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(written);
}

std::string test_certificate::encrypted_key_file() const {
    const bio_ptr written{BIO_new(BIO_s_mem())};
    unsigned char phrase[] = "secret";
    PEM_write_bio_PKCS8PrivateKey(written.get(), parts_->key.get(), EVP_aes_128_cbc(), reinterpret_cast<char*>(phrase),
                                  6, nullptr, nullptr);
    std::ofstream{path_ + ".locked"} << text_of(written);
    return path_ + ".locked";
}

void test_certificate::write_files() const {
    std::ofstream{chain_file()} << pem() << parts_->issuers;
    std::ofstream{key_file()} << key_pem();
}

} // namespace fairlead::test
