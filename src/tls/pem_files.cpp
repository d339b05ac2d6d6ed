#include "tls/pem_files.hpp"

#include "core/system_error.hpp"
#include "core/unique_descriptor.hpp"
#include "tls/certificate_text.hpp"

#include <algorithm>
#include <fcntl.h>
#include <memory>
#include <openssl/pem.h>
#include <stdexcept>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace fairlead {

namespace {

constexpr std::size_t max_pem_size = 1024 * 1024;

[[noreturn]] void refuse_file(const std::string& file, const std::string& why) {
    throw std::invalid_argument{"the TLS file '" + file + "' cannot be used: " + why};
}

// The text of a file that may have a private key. Nothing of it stays in memory.
class pem_text {
public:
    pem_text() : bytes_{new char[max_pem_size + 1]} {} // full size: growing would leave a copy in memory
    pem_text(pem_text&&) = default;
    pem_text& operator=(pem_text&&) = delete;
    ~pem_text() {
        if (bytes_)
            OPENSSL_cleanse(bytes_.get(), size_);
    }

    /// Reads more of the file and returns the result of read(2).
    ssize_t read_from(int file) noexcept {
        const ssize_t got = ::read(file, bytes_.get() + size_, max_pem_size + 1 - size_);
        size_ += got > 0 ? static_cast<std::size_t>(got) : 0;
        return got;
    }
    std::string_view text() const noexcept { return {bytes_.get(), size_}; }

private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
};

pem_text read_pem(const std::string& path) {
    if (path.empty())
        throw std::invalid_argument{"a TLS certificate needs two files: chain_file and key_file"};
    const unique_descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file)
        refuse_file(path, last_system_error().message());
    struct ::stat status {};
    if (::fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode))
        refuse_file(path, "it is a directory");
    pem_text content;
    for (;;) {
        const ssize_t got = content.read_from(file.get());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            refuse_file(path, last_system_error().message());
        if (got == 0)
            return content;
        if (content.text().size() > max_pem_size)
            refuse_file(path, "it is larger than 1 MiB");
    }
}

bio_ptr reader_of(const pem_text& content) {
    const std::string_view text = content.text();
    return bio_ptr{not_null(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())))};
}

// Gives no pass phrase, because no user can be asked, and notes that one is needed.
int no_pass_phrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

evp_pkey_ptr load_key(const std::string& path) {
    const pem_text content = read_pem(path);
    bool asked = false;
    evp_pkey_ptr key{PEM_read_bio_PrivateKey(reader_of(content).get(), nullptr, no_pass_phrase, &asked)};
    const bool has_certificate = content.text().find("-----BEGIN CERTIFICATE-----") != std::string_view::npos;
    if (key)
        return key;
    if (asked)
        refuse_file(path, "its key has a pass phrase; write one without by 'openssl pkey -in FILE -out NEW'");
    refuse_file(path, has_certificate ? "it has certificates and no private key; are the two files exchanged?"
                                      : "it has no private key in PEM form");
}

void check_times(const X509* certificate, const std::string& file, std::time_t now) {
    const auto named = [&] { return "the certificate of '" + subject_of(certificate) + "' in it "; };
    if (X509_cmp_time(X509_get0_notAfter(certificate), &now) < 0)
        refuse_file(file, named() + "expired on " + time_text(X509_get0_notAfter(certificate)) + "; renew it");
    if (X509_cmp_time(X509_get0_notBefore(certificate), &now) > 0)
        refuse_file(file, named() + "is not valid before " + time_text(X509_get0_notBefore(certificate)) +
                              "; check the clock");
}

void check_chain(const std::vector<x509_ptr>& chain, const std::string& file) {
    for (std::size_t i = 1; i < chain.size(); ++i) {
        if (X509_check_issued(chain[i].get(), chain[i - 1].get()) != X509_V_OK)
            refuse_file(file, "certificate " + std::to_string(i + 1) + " in it, of '" + subject_of(chain[i].get()) +
                                  "', is not the issuer of the one before, which is '" + issuer_of(chain[i - 1].get()) +
                                  "'; put the certificate first and each issuer behind");
    }
}

} // namespace

std::vector<x509_ptr> load_certificates(const std::string& path) {
    const empty_error_queue errors;
    const pem_text content = read_pem(path);
    const bio_ptr reader = reader_of(content);
    std::vector<x509_ptr> found;
    bool asked = false;
    while (X509* const next = PEM_read_bio_X509(reader.get(), nullptr, no_pass_phrase, &asked)) {
        found.emplace_back(next);
        // Decodes its extensions now. If memory ran out for that in a handshake, OpenSSL would take the
        // certificate for an invalid one from then on.
        if (X509_check_purpose(next, -1, 0) != 1)
            refuse_file(path, "certificate " + std::to_string(found.size()) + " in it has an invalid extension");
    }
    if (asked)
        refuse_file(path,
                    "certificate " + std::to_string(found.size() + 1) + " in it has a pass phrase; write one without");
    const unsigned long why = ERR_peek_last_error();
    if (ERR_GET_LIB(why) != ERR_LIB_PEM || ERR_GET_REASON(why) != PEM_R_NO_START_LINE)
        refuse_file(path, "certificate " + std::to_string(found.size() + 1) + " in it is damaged: " + openssl_reason());
    if (found.empty())
        refuse_file(path, "it has no certificate in PEM form");
    return found;
}

loaded_certificate load_certificate(const tls_certificate& files, std::time_t now) {
    const empty_error_queue errors;
    loaded_certificate loaded;
    loaded.chain = load_certificates(files.chain_file);
    loaded.key = load_key(files.key_file);
    if (X509_check_private_key(loaded.chain.front().get(), loaded.key.get()) != 1)
        refuse_file(files.key_file, "its key does not belong to the first certificate in '" + files.chain_file + "'");
    for (const x509_ptr& each : loaded.chain)
        check_times(each.get(), files.chain_file, now);
    check_chain(loaded.chain, files.chain_file);
    loaded.names = host_names_of(loaded.chain.front().get());
    return loaded;
}

void use_certificate(SSL_CTX* context, const loaded_certificate& loaded, const tls_certificate& files) {
    const empty_error_queue errors;
    if (SSL_CTX_use_certificate(context, loaded.chain.front().get()) != 1)
        refuse_file(files.chain_file, openssl_reason());
    if (SSL_CTX_use_PrivateKey(context, loaded.key.get()) != 1)
        refuse_file(files.key_file, openssl_reason());
    for (std::size_t i = 1; i < loaded.chain.size(); ++i) {
        if (SSL_CTX_add1_chain_cert(context, loaded.chain[i].get()) != 1)
            refuse_file(files.chain_file, openssl_reason());
    }
}

} // namespace fairlead
