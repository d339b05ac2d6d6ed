#include "tls/certificate_text.hpp"

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdio>
#include <ctime>

namespace fairlead {

namespace {

using general_names_ptr = std::unique_ptr<GENERAL_NAMES, openssl_free<GENERAL_NAMES_free>>;

bytes_view bytes_of(const ASN1_STRING* text) noexcept {
    return {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string name_text(const X509_NAME* name) {
    const bio_ptr written{not_null(BIO_new(BIO_s_mem()))};
    X509_NAME_print_ex(written.get(), name, 0, XN_FLAG_RFC2253);
    char* text = nullptr;
    const long size = BIO_get_mem_data(written.get(), &text);
    return size > 0 ? std::string{text, static_cast<std::size_t>(size)} : std::string{}; // RFC 2253 escapes, too
}

// Not shortened, because programs compare the text.
std::string text_of(bytes_view bytes) {
    return escape(bytes, bytes.size());
}

std::string address_text(bytes_view address) {
    char text[INET6_ADDRSTRLEN] = {};
    const int family = address.size() == 4 ? AF_INET : AF_INET6;
    if (address.size() != 4 && address.size() != 16)
        return text_of(address);
    return ::inet_ntop(family, address.data(), text, sizeof text) ? text : "";
}

std::string to_lower(std::string name) {
    for (char& letter : name) {
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter + ('a' - 'A'));
    }
    return name;
}

general_names_ptr names_of(const X509* certificate) {
    return general_names_ptr{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
}

std::string common_name_of(const X509* certificate) {
    const X509_NAME* const subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0)
        return {};
    return text_of(bytes_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
}

} // namespace

std::string subject_of(const X509* certificate) {
    return name_text(X509_get_subject_name(certificate));
}

std::string issuer_of(const X509* certificate) {
    return name_text(X509_get_issuer_name(certificate));
}

std::string time_text(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return "an unknown time";
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

std::vector<std::string> host_names_of(const X509* certificate) {
    std::vector<std::string> found;
    const general_names_ptr names = names_of(certificate);
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS)
            found.push_back(to_lower(text_of(bytes_of(name->d.dNSName))));
    }
    if (std::string common = common_name_of(certificate); !names && !common.empty())
        found.push_back(to_lower(std::move(common)));
    return found;
}

std::vector<std::string> alternative_names_of(const X509* certificate) {
    std::vector<std::string> found;
    const general_names_ptr names = names_of(certificate);
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        switch (name->type) {
        case GEN_DNS: found.push_back("DNS:" + text_of(bytes_of(name->d.dNSName))); break;
        case GEN_EMAIL: found.push_back("email:" + text_of(bytes_of(name->d.rfc822Name))); break;
        case GEN_URI: found.push_back("URI:" + text_of(bytes_of(name->d.uniformResourceIdentifier))); break;
        case GEN_IPADD: found.push_back("IP:" + address_text(bytes_of(name->d.iPAddress))); break;
        default: break;
        }
    }
    return found;
}

std::string fingerprint_of(const X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1)
        return {};
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes_view{digest.data(), size}) {
        text += digits[byte >> 4];
        text += digits[byte & 0x0F];
    }
    return text;
}

} // namespace fairlead
