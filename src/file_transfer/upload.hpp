#pragma once

#include "file_transfer/message.hpp"
#include "file_transfer/storage.hpp"
#include "file_transfer/upload_limits.hpp"

#include <fairlead/file_transfer/receiver_options.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

namespace fairlead::file_transfer {

/// The first bytes of a file, as they were hashed.
struct beginning {
    std::uint64_t size = 0;
    hasher hash = {};
};

/// One file on its way in, from its acceptance until it is whole. Checks, hashes and stages the bytes that arrive.
///
/// A later connection of the same sender can take over the staged file, if the sender noticed before this side that the
/// earlier connection is dead. The caller passes the time. Thread safety: any thread; it locks itself.
class upload {
public:
    using time_point = upload_limits::time_point;
    using objection = upload_limits::objection;

    upload(const file_receiver_options& options, offer offered, offered_file described,
           std::unique_ptr<staged_file> file, upload_limits::place held, time_point now);

    /// Sets the `known` hash of the beginning that is kept from an earlier try. Before the first `look_at_kept`.
    void begin_with(const beginning& known);

    struct look {
        std::uint64_t read = 0; ///< bytes
        bool whole = false;
    };

    /// Hashes bytes from an earlier try whose hash is not known yet: at most `most`, and at least one. Call it until
    /// the file is `whole`. Errors: those of the disk; EBUSY if the upload has been given up meanwhile.
    result<look> look_at_kept(std::uint64_t most);

    accept acceptance() const;

    /// The result of a piece or an end: none, `again`, or the objection that ends the upload.
    using outcome = std::variant<std::monostate, again, objection>;

    outcome take(const piece& part, time_point now);

    /// Ends the file. No result means: it is `whole` and waits for `publish`, or bytes of it were asked for again.
    outcome end(const finish& ending, time_point now);

    /// Returns an objection if the upload has taken too long, or if it waits for its first byte and its place is
    /// needed. `active`: the time of the last activity of its connection, for any file.
    outcome look_at_time(time_point now, time_point active) const;

    /// Returns true until its first byte has come.
    bool waits() const;

    /// Returns the end that agrees with the bytes that have come.
    finish as_it_is() const;

    /// Inserts bytes before those that have come, for which all of these are copied.
    outcome prepend(bytes_view beginning, storage& disk, time_point now);

    void begin_sync() noexcept;

    /// Returns another descriptor of the staged file, for a hook. Errors: those of the
    /// disk; EBUSY if it has been given up.
    result<unique_descriptor> duplicate() const;

    /// Waits for the disk if `durable` is set, and gives the file its name.
    std::variant<stored, objection> publish(storage& disk);

    struct handed_over {
        std::unique_ptr<staged_file> file = {}; ///< null if it was given up, published or dropped
        std::optional<beginning> known = {};
    };

    /// Hands the staged file over to another connection. This upload is over.
    handed_over give_up();

    /// Ends the upload. Keeps its bytes if that is possible and `fatal` is false. Returns the number of bytes kept.
    std::uint64_t drop(bool fatal);

    file_id id() const noexcept { return offer_.id; }
    const offered_file& described() const noexcept { return described_; }
    std::uint64_t received() const;
    bool whole() const;

private:
    // offered ──first piece──▶ coming ──end──▶ whole
    //    └──────an end without a piece───────────▲
    enum class stage : std::uint8_t { offered, coming, whole };

    outcome ask_again();
    std::optional<objection> too_slow(time_point now) const;
    std::optional<objection> append(bytes_view bytes, time_point now);

    const file_receiver_options& options_;
    const offer offer_;
    const offered_file described_;
    mutable std::mutex mutex_;
    std::unique_ptr<staged_file> file_; // null once it has been given up, published or dropped
    upload_limits::place held_;
    hasher running_;
    time_point offered_;
    time_point began_{};     // with its first piece: an offer may be made long before its turn
    std::uint64_t next_ = 0; // offset
    std::uint64_t came_ = 0; // bytes since it was accepted
    unsigned repeats_ = 0;
    stage stage_ = stage::offered;
    bool asked_again_ = false; // `again` was sent, and the bytes have not come yet
};

} // namespace fairlead::file_transfer
