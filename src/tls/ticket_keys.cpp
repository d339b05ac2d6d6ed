#include "tls/ticket_keys.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <stdexcept>
#include <tuple>

namespace fairlead {

namespace {

ticket_key make_key() {
    ticket_key made;
    const auto fill = [](auto& bytes) { return RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1; };
    if (!fill(made.name) || !fill(made.cipher) || !fill(made.mac))
        throw std::bad_alloc{};
    return made;
}

int keys_index() noexcept {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

// The answers to OpenSSL about a ticket: it is refused, used, or used and replaced.
enum class ticket_answer : int { failed = -1, refused = 0, used = 1, replaced = 2 };

bool begin_mac(EVP_MAC_CTX* mac, ticket_key& key) noexcept {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

// A client uses a ticket of TLS 1.3 once (RFC 8446, section C.4), so each of them is replaced.
ticket_answer begin_ticket(ticket_keys& keys, bool used_once, unsigned char* name, unsigned char* iv,
                           EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, bool encrypt) {
    const auto now = std::chrono::steady_clock::now();
    ticket_key key;
    bool renews = false;
    if (encrypt) {
        key = keys.current(now);
        std::ranges::copy(key.name, name);
        if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1)
            return ticket_answer::failed;
    } else {
        const auto found = keys.find(std::span<const unsigned char, 16>{name, 16}, now);
        if (!found)
            return ticket_answer::refused;
        key = found->key;
        renews = used_once || !found->is_current;
    }
    const bool begun =
        EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv, encrypt ? 1 : 0) == 1 &&
        begin_mac(mac, key);
    return !begun ? ticket_answer::failed : renews ? ticket_answer::replaced : ticket_answer::used;
}

int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
              int encrypt) noexcept try {
    auto* const keys = static_cast<ticket_keys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), keys_index()));
    return static_cast<int>(
        begin_ticket(*keys, SSL_version(ssl) == TLS1_3_VERSION, name, iv, cipher, mac, encrypt != 0));
} catch (...) {
    return static_cast<int>(ticket_answer::failed);
}

} // namespace

ticket_keys::ticket_keys(time_point now)
    : next_{make_key()}, current_{make_key()}, previous_{make_key()}, rotated_{now} {}

namespace {

constexpr std::string_view digits = "0123456789abcdef";

template <class Each>
void for_each_byte(Each each, ticket_key& key) {
    for (auto* const part : {key.name.data(), key.cipher.data(), key.mac.data()}) {
        const std::size_t size = part == key.name.data() ? key.name.size() : key.cipher.size();
        for (std::size_t i = 0; i < size; ++i)
            each(part[i]);
    }
}

[[noreturn]] void refuse_keys() {
    throw std::invalid_argument{"the ticket keys of the other process cannot be read"};
}

} // namespace

ticket_keys::ticket_keys(std::string_view text, time_point now) {
    std::int64_t age = 0;
    const auto [stop, wrong] = std::from_chars(text.data(), text.data() + text.size(), age);
    if (wrong != std::errc{} || age < 0)
        refuse_keys();
    rotated_ = now - std::chrono::milliseconds{age};
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    constexpr std::size_t bytes =
        3 * (std::tuple_size_v<decltype(ticket_key::name)> + 2 * std::tuple_size_v<decltype(ticket_key::cipher)>);
    if (text.size() != 1 + 2 * bytes || text.front() != ' ')
        refuse_keys();
    text.remove_prefix(1);
    const auto read = [&text](unsigned char& byte) {
        const auto high = digits.find(text[0]), low = digits.find(text[1]);
        if (high == std::string_view::npos || low == std::string_view::npos)
            refuse_keys();
        byte = static_cast<unsigned char>(high * 16 + low);
        text.remove_prefix(2);
    };
    for (ticket_key* const each : {&next_, &current_, &previous_})
        for_each_byte(read, *each);
}

std::string ticket_keys::to_text(time_point now) {
    const std::lock_guard lock{mutex_};
    rotate(now);
    std::string text =
        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now - rotated_).count()) + ' ';
    text.reserve(text.size() + 2 * 3 * sizeof(ticket_key)); // a copy would stay in memory
    const auto write = [&text](unsigned char byte) {
        text += digits[byte / 16];
        text += digits[byte % 16];
    };
    for (ticket_key* const each : {&next_, &current_, &previous_})
        for_each_byte(write, *each);
    return text;
}

ticket_key ticket_keys::current(time_point now) {
    const std::lock_guard lock{mutex_};
    rotate(now);
    return current_;
}

std::optional<ticket_keys::found_key> ticket_keys::find(std::span<const unsigned char, 16> name, time_point now) {
    const std::lock_guard lock{mutex_};
    rotate(now);
    for (const ticket_key* const each : {&current_, &previous_, &next_}) {
        if (std::ranges::equal(each->name, name))
            return found_key{*each, each == &current_};
    }
    return std::nullopt;
}

void ticket_keys::rotate(time_point now) {
    for (int steps = 0; now - rotated_ >= period; ++steps) {
        if (steps == 3) { // all three are new
            rotated_ = now;
            return;
        }
        const ticket_key made = make_key();
        previous_ = current_;
        current_ = next_;
        next_ = made;
        rotated_ += period;
    }
}

void use_ticket_keys(SSL_CTX* context, ticket_keys& keys) {
    if (SSL_CTX_set_ex_data(context, keys_index(), &keys) != 1 ||
        SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket) != 1)
        throw std::bad_alloc{};
}

} // namespace fairlead
