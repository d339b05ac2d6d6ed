#pragma once

#include "file_transfer/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace fairlead::file_transfer {

/// The sender's side of one connection, without I/O: says what to do next, and is told what was done and what came.
///
///     file:  to offer ──▶ offered ──accept──▶ comparing ──▶ sending ──▶ at its end ──▶ finished ──stored──▶ ended
///                                                              ▲──────────again─────────────┘
///
/// Files are offered ahead while those that are open leave little to send, so that small ones share a round trip and a
/// large one keeps nobody waiting under a deadline of the receiver. Pieces are sent of one file at a time, in order.
///
/// Thread safety: one thread at a time.
class sender_protocol {
public:
    static constexpr std::size_t default_window = max_open_files; ///< files
    static constexpr std::uint64_t max_ahead = 8 * 1024 * 1024;   ///< bytes of open files above which none is offered
    static constexpr std::size_t max_piece = 1024 * 1024;         ///< bytes, however many a receiver would take

    /// Files are known by their index, below `files`.
    explicit sender_protocol(std::size_t files, std::size_t window = default_window);

    enum class step : std::uint8_t {
        offer,   ///< then call `offered`, or `skipped` when it cannot be read
        compare, ///< hash the first `offset` bytes, then call `compared`
        send,    ///< a piece from `offset` of at most `most` bytes, then call `sent`; `reached_end` when there are none
        finish,  ///< then call `finished`
        wait,    ///< for a reply
        end,     ///< there is nothing left to do
    };
    struct task {
        step what = step::wait;
        std::size_t file = 0;
        std::uint64_t offset = 0;
        std::size_t most = 0;
    };
    task next() const noexcept;

    /// Gives the message: `facts` with an id.
    offer offered(std::size_t file, offer facts);
    void skipped(std::size_t file);

    /// Goes on behind the bytes that the receiver has if they are the same, else at 0. Gives where.
    std::uint64_t compared(std::size_t file, const digest& beginning);

    /// The header's part of a piece that was read, or nothing when it is not the one to send any more.
    std::optional<piece> sent(std::size_t file, std::uint64_t offset, std::size_t size);
    void reached_end(std::size_t file); ///< of a file of unknown size

    finish finished(std::size_t file, std::uint64_t size, const digest& hash);

    /// Takes a file back that turned out to be unreadable. Gives the message, unless the file has ended.
    std::optional<abandon> abandoned(std::size_t file);

    struct ending {
        std::size_t file = 0;
        std::variant<stored, refusal> how;
    };
    struct nonsense {
        refusal_code code = refusal_code::protocol;
        bool retry = false;
        std::string why; ///< for people
    };
    /// What a reply means for its file, if anything but what is to be done next; `nonsense` ends the connection.
    using verdict = std::variant<std::monostate, ending, nonsense>;
    verdict take(const message& reply);

    std::size_t open() const noexcept { return open_; }                 ///< files offered and not ended
    bool wants(std::size_t file, std::uint64_t offset) const noexcept;  ///< whether a piece from there is the next one
    bool at_end(std::size_t file, std::uint64_t offset) const noexcept; ///< whether it is to be finished there

private:
    enum class state : std::uint8_t { to_offer, offered, comparing, sending, at_end, finished, ended };
    struct file {
        state now = state::to_offer;
        bool abandoned = false;
        bool resumable = false;
        file_id id = 0;
        std::optional<std::uint64_t> size = {};
        std::optional<digest> hash = {};      // of all of it, once known
        std::optional<digest> beginning = {}; // as the receiver has it
        std::uint64_t offset = 0;
        std::size_t chunk = 0;
        unsigned repeats = 0;
    };

    verdict on(const accept& reply, file& of);
    verdict on(const again& reply, file& of);
    verdict on(const stored& reply, file& of);
    verdict on(const refusal& reply, file& of);
    template <class Reply>
    verdict find(const Reply& reply);
    bool may_offer() const noexcept;
    void go_on(file& at) noexcept;
    void end(file& which) noexcept;

    std::vector<file> files_;
    std::vector<std::size_t> offered_; // by id, from 1
    std::size_t window_;
    std::size_t next_to_offer_ = 0;
    std::size_t first_open_ = 0; // all before have ended
    std::size_t open_ = 0;
};

} // namespace fairlead::file_transfer
