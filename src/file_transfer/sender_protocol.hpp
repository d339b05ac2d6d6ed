#pragma once

#include "file_transfer/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace fairlead::file_transfer {

/// The sender's side of one connection, without I/O. It decides the next step; its caller reports results and replies.
///
///     file:  to offer ──▶ offered ──accept──▶ comparing ──▶ sending ──▶ at its end ──▶ finished ──stored──▶ ended
///                                                              ▲──────────again─────────────┘
///
/// Files are offered ahead while the open files have little left to send. So small files share a
/// round trip, and no offered file waits behind a large one while a deadline of the receiver runs.
/// Pieces of one file at a time are sent, in order.
///
/// Thread safety: one thread at a time.
class sender_protocol {
public:
    static constexpr std::size_t default_window = max_open_files; ///< files
    static constexpr std::uint64_t max_ahead = 8 * 1024 * 1024;   ///< bytes left in open files that stop further offers
    static constexpr std::size_t max_piece = 1024 * 1024;         ///< bytes, however many a receiver would take

    /// Files are identified by their index, below `files`.
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
        step action = step::wait;
        std::size_t file = 0;
        std::uint64_t offset = 0;
        std::size_t most = 0;
    };
    task next() const noexcept;

    /// Returns the message: `facts` with an id.
    offer offered(std::size_t file, offer facts);
    void skipped(std::size_t file);

    /// Continues after the bytes that the receiver has if their hash is the same, else at 0. Returns the offset.
    std::uint64_t compared(std::size_t file, const digest& beginning);

    /// Returns the header of a piece that was read, without its check; nullopt if that
    /// piece is not the next one any more.
    std::optional<piece> sent(std::size_t file, std::uint64_t offset, std::size_t size);
    void reached_end(std::size_t file); ///< of a file of unknown size

    finish finished(std::size_t file, std::uint64_t size, const digest& hash);

    /// Takes back a file that turned out to be unreadable. Returns the message, unless the file has ended.
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
    /// The effect of a reply beside the next step: none, or the `ending` of a file, or
    /// `nonsense`, which ends the connection.
    using verdict = std::variant<std::monostate, ending, nonsense>;
    verdict take(const message& reply);

    std::size_t open() const noexcept { return open_; }                 ///< files offered and not ended
    bool wants(std::size_t file, std::uint64_t offset) const noexcept;  ///< true if a piece from there is the next one
    bool at_end(std::size_t file, std::uint64_t offset) const noexcept; ///< true if it is to be finished there

private:
    enum class state : std::uint8_t { to_offer, offered, comparing, sending, at_end, finished, ended };
    struct file {
        state now = state::to_offer;
        bool abandoned = false;
        bool resumable = false;
        file_id id = 0;
        std::optional<std::uint64_t> size = {};
        std::optional<digest> hash = {};      // of all of it, once known
        std::optional<digest> beginning = {}; // as hashed by the receiver
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
