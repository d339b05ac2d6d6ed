#pragma once

#include <fairlead/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

#include <zstd.h>

namespace fairlead::test {

/// A frame as another program may write it: without the size of its content, or without a checksum.
struct foreign_zstd {
    bool size = true;
    bool checksum = false;

    std::string frame(bytes_view message) const {
        std::string made(ZSTD_compressBound(message.size()), '\0');
        ZSTD_CCtx* const context = ZSTD_createCCtx();
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, size ? 1 : 0);
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum ? 1 : 0);
        made.resize(ZSTD_compress2(context, made.data(), made.size(), message.data(), message.size()));
        ZSTD_freeCCtx(context);
        return made;
    }
};

/// A frame of one letter again and again, of which 128 KiB take four bytes (RFC 8878, section 3.1.1).
///
///     | 28 b5 2f fd | descriptor | window | size of the content, 8 bytes or none | one block of a letter, and so on |
struct zstd_bomb {
    std::uint64_t size = 0; ///< of the content; a multiple of 128 KiB or less than that
    bool says_size = true;
    unsigned window_log = 17;

    std::string frame() const {
        constexpr std::uint64_t block = 128 * 1024;
        std::string made{"\x28\xB5\x2F\xFD", 4};
        made += says_size ? '\xC0' : '\0';
        made += static_cast<char>((window_log - 10) << 3);
        if (says_size)
            append(made, size, 8);
        for (std::uint64_t left = size; left != 0;) {
            const std::uint64_t now = left < block ? left : block;
            left -= now;
            append(made, (left == 0 ? 1u : 0u) | 1u << 1 | now << 3, 3);
            made += 'a';
        }
        return made;
    }

private:
    static void append(std::string& to, std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            to += static_cast<char>(value >> (8 * i) & 0xFF);
    }
};

} // namespace fairlead::test
