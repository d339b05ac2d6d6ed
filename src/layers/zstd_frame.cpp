#include "layers/zstd_frame.hpp"

#include <fairlead/framing/framing.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

#include <zstd.h>
#include <zstd_errors.h>

namespace fairlead {

namespace {

// Enough for levels up to 6 with messages of 1 MiB.
constexpr std::size_t kept_context = 4 * 1024 * 1024;
constexpr std::size_t kept_storage = 256 * 1024;

struct context_deleter {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

/// The contexts and the buffer that a thread keeps between messages.
struct thread_memory {
    ZSTD_CCtx* compressing() {
        if (!compressing_)
            compressing_.reset(ZSTD_createCCtx());
        if (!compressing_)
            throw std::bad_alloc{};
        return compressing_.get();
    }

    ZSTD_DCtx* inflating() {
        if (!inflating_)
            inflating_.reset(ZSTD_createDCtx());
        if (!inflating_)
            throw std::bad_alloc{};
        return inflating_.get();
    }

    void shrink() noexcept {
        if (ZSTD_sizeof_CCtx(compressing_.get()) > kept_context)
            compressing_.reset();
    }

    byte_buffer storage;

private:
    std::unique_ptr<ZSTD_CCtx, context_deleter> compressing_;
    std::unique_ptr<ZSTD_DCtx, context_deleter> inflating_;
};

thread_memory& memory_of_thread() {
    static thread_local thread_memory kept;
    return kept;
}

std::size_t check_memory(std::size_t outcome) {
    if (ZSTD_getErrorCode(outcome) == ZSTD_error_memory_allocation)
        throw std::bad_alloc{};
    return outcome;
}

std::string in_bytes(unsigned long long size) {
    return std::to_string(size) + (size == 1 ? " byte" : " bytes");
}

std::uint32_t magic_number(bytes_view frame) {
    std::uint32_t number = 0;
    for (std::size_t i = 4; i-- > 0;)
        number = number << 8 | frame[i];
    return number;
}

zstd_refusal malformed(std::string words) {
    return {errc::malformed, std::move(words)};
}

zstd_refusal too_large(const std::string& size, std::size_t max_message) {
    return {errc::message_too_large, "a compressed message holds " + size + ", and max_message is " +
                                         std::to_string(max_message) + "; raise it on both ends, or send less"};
}

zstd_refusal broken(std::size_t outcome) {
    return malformed(std::string{"the zstd frame of a message is broken: "} + ZSTD_getErrorName(outcome));
}

// zstd itself would accept frames of old formats, several frames, and no frame at all.
std::optional<zstd_refusal> check_form(bytes_view frame) {
    if (frame.size() < 4 || magic_number(frame) != ZSTD_MAGICNUMBER)
        return malformed("a message is no zstd frame, which begins with 28 b5 2f fd; does the peer compress? " +
                         explain_input(frame));
    const std::size_t size = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
    if (ZSTD_getErrorCode(size) == ZSTD_error_srcSize_wrong)
        return malformed("the zstd frame of a message is incomplete: " + in_bytes(frame.size()) + " arrived");
    if (ZSTD_isError(size))
        return broken(size);
    if (size != frame.size())
        return malformed(in_bytes(frame.size() - size) + " of a message follow its zstd frame; a message is one frame");
    return {};
}

} // namespace

zstd_frame::zstd_frame(bytes_view message, int level) {
    thread_memory& kept = memory_of_thread();
    storage_ = std::move(kept.storage);
    ZSTD_CCtx* const context = kept.compressing();
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    const auto room = storage_.prepare(ZSTD_compressBound(message.size()));
    const std::size_t size =
        check_memory(ZSTD_compress2(context, room.data(), room.size(), message.data(), message.size()));
    if (ZSTD_isError(size))
        throw std::runtime_error{std::string{"zstd could not compress a message: "} + ZSTD_getErrorName(size)};
    storage_.commit(size);
    kept.shrink();
}

zstd_frame::~zstd_frame() {
    storage_.truncate(0);
    if (storage_.capacity() <= kept_storage)
        memory_of_thread().storage = std::move(storage_);
}

std::optional<zstd_refusal> inflate_zstd_frame(bytes_view frame, std::size_t max_message, byte_buffer& message) {
    if (auto refused = check_form(frame))
        return refused;
    const unsigned long long announced = ZSTD_getFrameContentSize(frame.data(), frame.size());
    const bool is_announced = announced != ZSTD_CONTENTSIZE_UNKNOWN;
    if (is_announced && announced > max_message)
        return too_large(in_bytes(announced), max_message);
    ZSTD_DCtx* const context = memory_of_thread().inflating();
    // A frame without a size gets four times the room until all of it fits.
    std::size_t room = is_announced ? static_cast<std::size_t>(announced) : std::min(max_message, 8 * frame.size());
    for (;;) {
        message.take_small(std::max<std::size_t>(room, 1));
        const std::size_t size =
            check_memory(ZSTD_decompressDCtx(context, message.prepare(room).data(), room, frame.data(), frame.size()));
        if (!ZSTD_isError(size)) {
            message.commit(size);
            return {};
        }
        message.release();
        if (ZSTD_getErrorCode(size) != ZSTD_error_dstSize_tooSmall)
            return broken(size);
        if (is_announced)
            return malformed("the zstd frame of a message holds more than the " + in_bytes(announced) +
                             " that it says");
        if (room == max_message)
            return too_large("more than " + in_bytes(max_message), max_message);
        room = std::min(max_message, 4 * room);
    }
}

void validate_zstd_level(int level) {
    if (level < ZSTD_minCLevel() || level > ZSTD_maxCLevel())
        throw std::invalid_argument{"zstd_compressed: `level` is " + std::to_string(level) + ", and must be from " +
                                    std::to_string(ZSTD_minCLevel()) + " to " + std::to_string(ZSTD_maxCLevel()) +
                                    "; 3 suits most messages"};
}

} // namespace fairlead
