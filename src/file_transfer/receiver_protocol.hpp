#pragma once

#include "file_transfer/message.hpp"
#include "file_transfer/receiver_hooks.hpp"
#include "file_transfer/receiver_state.hpp"
#include "file_transfer/upload.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::file_transfer {

/// The receiver's side of one connection: messages in, replies out, and files in the storage.
///
///     take · take · take ── look_at_time · settle ──▶ replies · notices, which are told when the replies are on their way
///       │                                    └ files that are whole now are published together:
///       │                                      one wait for the names of all of them. With `on_received` they are
///       │                                      `to_judge` before: ── judge, beside all this ── take_verdicts ──▶ replies · notices
///       └ an offer, when there is something to compare it with ──▶ reading ── read_on · read_on ──▶ answered
///
/// While it is `reading`, `take` and `settle` first read all that is left; who must not block for long calls `read_on`.
///
/// It blocks as long as the storage does. The time is an argument. Thread safety: one thread at a time; `all` is shared.
/// Destroyed, it keeps of unfinished files what may be gone on with, and tells the notices that nobody took.
class receiver_protocol {
public:
    using time_point = upload::time_point;

    receiver_protocol(receiver_state& all, endpoint from) : all_{all}, from_{from} {}
    receiver_protocol(const receiver_protocol&) = delete;
    receiver_protocol& operator=(const receiver_protocol&) = delete;
    ~receiver_protocol();

    void take(bytes_view received, time_point now);
    void take(const message& said, time_point now);

    /// True while the answer to an offer waits for the hash of a file that is on the disk.
    bool reading() const noexcept { return reading_.has_value(); }

    /// Bytes to read before others have their turn. Only while `reading`.
    std::uint64_t turn() const { return reading_->share.size(); }

    /// Reads `most` bytes of that file, at least one if there are any, and gives how many. Only while `reading`.
    std::uint64_t read_on(std::uint64_t most, time_point now);

    /// Ends files that have taken too long, for which nothing may have come.
    void look_at_time(time_point now);

    /// How long after now to look again though nothing comes; nullopt while no file can be overdue.
    std::optional<std::chrono::milliseconds> next_look() const;

    /// Publishes what is whole, or has it judged first.
    void settle(time_point now);

    /// Files for which `judge` is to be called, for each of them alone; taken once.
    std::vector<file_to_judge> to_judge() { return std::exchange(to_judge_, {}); }

    /// Publishes the files that were accepted and ends the others. No file is read for an offer meanwhile.
    void take_verdicts(const std::vector<verdict>& verdicts);

    /// Puts bytes before those of a file that has not ended; they are nothing that came.
    void prepend(file_id id, bytes_view beginning, time_point now);

    /// Ends a file whose sender tells no hash.
    void finish_as_it_is(file_id id, time_point now);

    /// What is to be sent, in order; taken once.
    std::vector<message> replies() { return std::exchange(replies_, {}); }

    /// What `on_stored` and `on_failed` are to be told, in order; taken once.
    std::vector<notice> notices() { return std::exchange(notices_, {}); }

    /// Whether the sender kept to the protocol; after the replies the connection is to be ended if not.
    bool broken() const noexcept { return broken_; }

    /// The connection has ended, for this reason. Files that are judged go on.
    void end(std::string_view why) noexcept;

private:
    struct open_upload {
        std::shared_ptr<upload> file;
        std::optional<digest> key;
        bool is_judged = false; // or was, and is to be published
    };
    using objection = upload::objection;

    /// An offer that is not answered yet, and the file that is read for it.
    struct offer_in_hand {
        offer what;
        std::vector<std::string> names; // that the very file may have already, those not looked at yet
        reading_shares::share share;
        std::string name = {};
        std::unique_ptr<file_hashing> existing = {}; // the file of that name
        std::shared_ptr<upload> kept = {};           // or what is kept of the upload
    };

    void take_offer(const offer& offered, time_point now);
    std::optional<objection> accept_offer(const offer& offered, time_point now);
    std::vector<std::string> names_of_the_same(const offer& offered) const;
    void answer_offer(time_point now);
    bool begin_to_compare();
    std::uint64_t compare(std::uint64_t most, time_point now);
    std::uint64_t look_at_kept(std::uint64_t most, time_point now);
    void finish_reading(time_point now);
    void end_offer(const objection& why);
    bool is_safe(file_hashing& existing);
    std::optional<objection> object_to(const offer& offered);
    result<upload::handed_over> open_staged(const std::optional<digest>& key);
    std::uint64_t let_go(const open_upload& taken, bool fatal);
    void take_piece(const piece& part, time_point now);
    void take_end(const finish& ending, time_point now);
    void take_back(file_id id);
    void conclude(file_id id, const upload::outcome& outcome);
    void publish_together(const std::vector<file_id>& whole);
    void publish(file_id id);
    void cut(file_id id, std::string_view why) noexcept;
    void fail(file_id id, const objection& why);
    void break_off(file_id id, refusal_code code, const std::string& reason);
    open_upload take_out(file_id id);
    void refuse(const offer& offered, const objection& why);
    static objection program_failed(); // in a handler of what its callbacks throw
    void report_stored(const offered_file& described, const stored& file);
    void report_failure(const failed_file& file);
    template <class Reply>
    void reply(Reply answer) {
        replies_.emplace_back(std::move(answer));
    }
    bool was_offered(file_id id) const noexcept { return id != 0 && id <= last_id_; }

    receiver_state& all_;
    const endpoint from_;
    std::map<file_id, open_upload> open_;
    std::optional<offer_in_hand> reading_;
    std::vector<file_id> whole_;
    std::vector<file_to_judge> to_judge_;
    std::vector<std::pair<open_upload, stored>> published_;
    std::vector<message> replies_;
    std::vector<notice> notices_;
    file_id last_id_ = 0;
    time_point active_{}; // when the sender last did something for any file, or is still to be busy with it
    bool broken_ = false;
};

} // namespace fairlead::file_transfer
