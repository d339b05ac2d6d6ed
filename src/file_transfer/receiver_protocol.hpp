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
///     take · take · take ── look_at_time · settle ──▶ replies · notices, for the hooks after the replies
///       │                                    └ files that are whole now are published together:
///       │                                      one wait for the names of all of them. With `on_received` they are
///       │                                      `to_judge` before: ── judge ── take_verdicts ──▶ replies · notices
///       └ an offer, when there is something to compare it with ──▶ reading ── read_on · read_on ──▶ answered
///
/// While it is `reading`, `take` and `settle` first read all that is left. A caller that
/// must not block for long calls `read_on` before.
///
/// It blocks while the storage blocks. The caller passes the time. Thread safety: one thread at
/// a time; `all` is shared. The destructor keeps unfinished files that can be resumed, and
/// calls the hooks for notices that were not taken.
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

    /// Returns the bytes to read before other connections have their turn. Only while `reading`.
    std::uint64_t turn() const { return reading_->share.size(); }

    /// Reads at most `most` bytes of that file, at least one if there are any, and returns
    /// their number. Only while `reading`.
    std::uint64_t read_on(std::uint64_t most, time_point now);

    /// Ends files that have taken too long. To be called also while nothing arrives.
    void look_at_time(time_point now);

    /// Returns the time until the next `look_at_time` if nothing arrives; nullopt while no file can be overdue.
    std::optional<std::chrono::milliseconds> next_look() const;

    /// Publishes the files that are whole, or has them judged first.
    void settle(time_point now);

    /// Returns the files for which `judge` is to be called, one call for each, and clears the list.
    std::vector<file_to_judge> to_judge() { return std::exchange(to_judge_, {}); }

    /// Publishes the accepted files and ends the others. Does not read files for an offer.
    void take_verdicts(const std::vector<verdict>& verdicts);

    /// Inserts bytes at the beginning of a file that has not ended. They do not count in `receiver_state::bytes`.
    void prepend(file_id id, bytes_view beginning, time_point now);

    /// Ends a file whose sender sends no hash.
    void finish_as_it_is(file_id id, time_point now);

    /// Returns the messages to send, in order, and clears the list.
    std::vector<message> replies() { return std::exchange(replies_, {}); }

    /// Returns the notices for `on_stored` and `on_failed`, in order, and clears the list.
    std::vector<notice> notices() { return std::exchange(notices_, {}); }

    /// Returns true if the sender broke the protocol; the connection must end after the replies.
    bool broken() const noexcept { return broken_; }

    /// Ends the open files: the connection has ended, for this reason. Files that are being judged continue.
    void end(std::string_view why) noexcept;

private:
    struct open_upload {
        std::shared_ptr<upload> file;
        std::optional<digest> key;
        bool is_judged = false; // given to `to_judge`, and not yet answered
    };
    using objection = upload::objection;

    /// An offer that is not answered yet, and the file that is read for it.
    struct offer_in_hand {
        offer offered;
        std::vector<std::string> names; // names that the same file may have, not checked yet
        reading_shares::share share;
        std::string name = {};
        std::unique_ptr<file_hashing> existing = {}; // the file of that name
        std::shared_ptr<upload> kept = {};           // or the kept part of the upload
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
    static objection program_failed(); // in a catch block: describes the exception of a callback
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
    time_point active_{}; // last activity of the sender; in the future while it compares a beginning
    bool broken_ = false;
};

} // namespace fairlead::file_transfer
