#include "nats/nats_subject.hpp"

#include <stdexcept>

namespace fairlead {

namespace {

bool stays(char byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '-';
}

void append_token(std::string& subject, std::string_view part) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    if (part.empty())
        subject += '%';
    for (const char each : part) {
        if (stays(each)) {
            subject += each;
        } else {
            const auto byte = static_cast<unsigned char>(each);
            subject += '%';
            subject += digits[byte >> 4];
            subject += digits[byte & 15];
        }
    }
}

} // namespace

std::string subject_of(std::string_view prefix, std::string_view topic) {
    std::string subject{prefix};
    for (;;) {
        const std::size_t slash = topic.find('/');
        append_token(subject, topic.substr(0, slash));
        if (slash == std::string_view::npos)
            return subject;
        subject += '.';
        topic.remove_prefix(slash + 1);
    }
}

void check_subject_prefix(std::string_view prefix) {
    bool empty_token = false;
    char before = '.';
    for (const char each : prefix) {
        empty_token = empty_token || (each == '.' && before == '.');
        if (each != '.' && !stays(each))
            throw std::invalid_argument{"the subject prefix '" + std::string{prefix} +
                                        "' has characters other than letters, digits, '_', '-' and '.'"};
        before = each;
    }
    if (before != '.' || empty_token || prefix.size() > 256)
        throw std::invalid_argument{"the subject prefix '" + std::string{prefix} +
                                    "' does not end with '.', has an empty part or is longer than 256 bytes; "
                                    "write one such as 'fairlead.'"};
}

} // namespace fairlead
