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

/// One file on its way in, from its acceptance until it is whole: what has come is checked, hashed and staged.
///
/// Its staged file can be taken over by a later connection of the same sender, when it has noticed sooner than we that the
/// earlier one is dead. The time is an argument. Thread safety: any thread; it is locked inside.
class upload {
public:
    using time_point = upload_limits::time_point;
    using objection = upload_limits::objection;

    upload(const file_receiver_options& options, offer offered, offered_file described,
           std::unique_ptr<staged_file> file, upload_limits::place held, time_point now);

    /// What is there from an earlier try is `known` up to here. Before the first `look_at_kept`.
    void begin_with(const beginning& known);

    struct look {
        std::uint64_t read = 0; ///< bytes
        bool whole = false;
    };

    /// Hashes what is there from an earlier try, behind what is known of it: the next `most` bytes, at least one. To be
    /// called until it is `whole`. Errors: of the disk; EBUSY when it has been given up meanwhile.
    result<look> look_at_kept(std::uint64_t most);

    accept acceptance() const;

    /// What a piece or its end comes to: nothing to say, `again`, or the end.
    using outcome = std::variant<std::monostate, again, objection>;

    outcome take(const piece& part, time_point now);

    /// Nothing to say: it is whole, and waits for `publish`.
    outcome end(const finish& ending, time_point now);

    /// The end, if it has taken too long by now, or if it waits for its first byte and its place is needed. `active` is
    /// when its connection last did something for any of its files.
    outcome look_at_time(time_point now, time_point active) const;

    /// True until its first byte has come.
    bool waits() const;

    /// The end that agrees with what has come.
    finish as_it_is() const;

    /// Puts bytes before what has come, for which all of it is copied.
    outcome prepend(bytes_view beginning, storage& disk, time_point now);

    void begin_sync() noexcept;

    /// Another descriptor of what has come, for a hook to read. Errors: of the disk; EBUSY when it has been given up.
    result<unique_descriptor> duplicate() const;

    /// Waits for the disk, if that is wanted, and gives the file its name.
    std::variant<stored, objection> publish(storage& disk);

    struct handed_over {
        std::unique_ptr<staged_file> file = {}; ///< null when there is none any more
        std::optional<beginning> known = {};
    };

    /// For another connection: it has the staged file from now on, and this upload is over.
    handed_over give_up();

    /// Ends it: what has come is kept if it may be, and `fatal` is false. Gives how many bytes are kept.
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
    bool asked_again_ = false; // and what is asked for has not come
};

} // namespace fairlead::file_transfer
