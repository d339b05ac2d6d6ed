#include "tls/client_hello.hpp"

#include "tls/record.hpp"

#include <algorithm>

namespace fairlead {

namespace {

constexpr std::size_t head_size = 4;             // the type and the length of a message of the handshake
constexpr unsigned char client_hello_type = 1;   // RFC 8446, section 4
constexpr std::size_t server_name_extension = 0; // RFC 6066, section 3
constexpr std::size_t host_name_type = 0;

/// Reads fields from the front; all are empty behind the first that is missing.
class fields {
public:
    explicit fields(bytes_view bytes) noexcept : rest_{bytes} {}

    bytes_view bytes(std::size_t size) noexcept {
        if (size > rest_.size())
            rest_ = {};
        const bytes_view taken = rest_.first(size);
        rest_ = rest_.from(size);
        return taken;
    }
    std::size_t number(std::size_t width) noexcept {
        std::size_t value = 0;
        for (const unsigned char digit : bytes(width))
            value = value * 256 + digit;
        return value;
    }
    fields list(std::size_t width) noexcept { return fields{bytes(number(width))}; } ///< preceded by its length
    bytes_view rest() const noexcept { return rest_; }
    bool empty() const noexcept { return rest_.empty(); }

private:
    bytes_view rest_;
};

// Returns the message without the headers of its records.
std::string join_records(bytes_view received) {
    std::string message;
    while (!received.empty()) {
        const auto size = tls_record::size(received);
        if (!size)
            break;
        const bytes_view record = received.first(*size);
        message += record.from(tls_record::header_size).text();
        received = received.from(*size);
    }
    return message;
}

bytes_view find_extension(fields hello, std::size_t wanted) noexcept {
    hello.bytes(head_size + 2 + 32); // the version and the random bytes
    hello.list(1);                   // the session
    hello.list(2);                   // ciphers
    hello.list(1);                   // compressions
    for (fields extensions = hello.list(2); !extensions.empty();) {
        const std::size_t type = extensions.number(2);
        const fields content = extensions.list(2);
        if (type == wanted)
            return content.rest();
    }
    return {};
}

char lower_case(unsigned char letter) noexcept {
    return static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
}

} // namespace

result<client_hello::progress> client_hello::examine(bytes_view received) noexcept {
    for (;;) {
        const bytes_view rest = received.from(next_);
        const auto size = tls_record::size(rest);
        if (!size && size.error() != errc::would_block)
            return next_ == 0 ? size.error() : make_error_code(tls_errc::malformed);
        if (!rest.empty() && rest[0] != tls_record::handshake)
            return next_ == 0 ? tls_errc::not_tls : tls_errc::malformed;
        if (!size)
            return progress::incomplete;
        const std::size_t body = *size - tls_record::header_size;
        if (body == 0 || body > tls_record::max_plain)
            return tls_errc::malformed;
        if (next_ + *size > 2 * max_size)
            return tls_errc::hello_too_large;

        const bytes_view fragment = rest.first(*size).from(tls_record::header_size);
        const auto length = read_length(fragment);
        if (!length)
            return length.error();
        if (fragment.size() < body)
            return progress::incomplete;
        length_ = *length;
        collected_ += static_cast<std::uint32_t>(body);
        next_ += static_cast<std::uint32_t>(*size);
        if (collected_ >= head_size && collected_ >= head_size + length_)
            return progress::whole;
    }
}

// Returns the digits of the length that are known with this fragment. An incomplete fragment is examined again.
result<std::uint32_t> client_hello::read_length(bytes_view fragment) const noexcept {
    std::uint32_t length = length_;
    std::size_t at = collected_;
    for (std::size_t i = 0; i < fragment.size() && at < head_size; ++i, ++at) {
        if (at == 0 && fragment[i] != client_hello_type)
            return tls_errc::malformed;
        if (at != 0)
            length = length * 256 + fragment[i];
    }
    if (at >= head_size && head_size + length > max_size)
        return tls_errc::hello_too_large;
    return length;
}

std::string server_name_in(bytes_view hello) {
    const std::string message = join_records(hello);
    fields extension{find_extension(fields{message}, server_name_extension)};
    for (fields names = extension.list(2); !names.empty();) {
        const std::size_t type = names.number(1);
        const bytes_view name = names.list(2).rest();
        if (type != host_name_type)
            continue;
        std::string lower(name.size(), '\0');
        std::ranges::transform(name, lower.begin(), lower_case);
        return lower;
    }
    return {};
}

} // namespace fairlead
