#include "file_transfer/in_quotes.hpp"
#include "file_transfer/receiver_protocol.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"

#include <utility>

// The end of files in a `receiver_protocol`: they are judged and published, or fail, and the program is notified.
namespace fairlead::file_transfer {

namespace {

// Returns true if the bytes received so far are good, so that another try may resume after them.
bool keeps(refusal_code code) noexcept {
    return code == refusal_code::space || code == refusal_code::quota || code == refusal_code::busy ||
           code == refusal_code::slow || code == refusal_code::protocol;
}

} // namespace

receiver_protocol::~receiver_protocol() {
    constexpr std::string_view why = "the connection was cut off";
    end(why);
    while (!open_.empty())
        cut(open_.begin()->first, why);
    for (const notice& each : notices_)
        tell(all_.options, each);
}

void receiver_protocol::settle(time_point now) {
    finish_reading(now);
    if (all_.options.durable && (whole_.size() > 1 || all_.options.on_received)) {
        for (const file_id id : whole_)
            open_.at(id).file->begin_sync();
    }
    if (!all_.options.on_received)
        return publish_together(std::exchange(whole_, {}));
    for (const file_id id : std::exchange(whole_, {})) {
        open_upload& whole = open_.at(id);
        to_judge_.push_back({.id = id, .file = whole.file});
        whole.is_judged = true;
    }
}

void receiver_protocol::take_verdicts(const std::vector<verdict>& verdicts) {
    std::vector<file_id> accepted;
    for (const auto& [id, against] : verdicts) {
        if (!open_.contains(id)) // its sender took the file back, or broke the protocol
            continue;
        if (against)
            fail(id, *against);
        else
            accepted.push_back(id);
    }
    publish_together(accepted);
}

// Waits once for the names of all files.
void receiver_protocol::publish_together(const std::vector<file_id>& whole) {
    for (const file_id id : whole)
        publish(id);
    if (published_.empty())
        return;
    const result<void> synced = all_.options.durable ? all_.disk->sync_names() : result<void>{};
    for (const auto& [file, answer] : std::exchange(published_, {})) {
        const offered_file& described = file.file->described();
        if (!synced) {
            // The file has its name, but may lose it in a power failure; no program may rely on it.
            reply(refusal{.id = answer.id,
                          .accepted = true,
                          .code = refusal_code::storage,
                          .reason = "the disk could not keep the file's name: " + synced.error().message(),
                          .retry = true});
            report_failure({.from = from_,
                            .name = described.name,
                            .received = answer.size,
                            .why = "the directory could not be synced: " + synced.error().message(),
                            .code = std::string{to_string(refusal_code::storage)}});
            ++all_.failed;
            continue;
        }
        if (file.key)
            all_.uploads.remember(*file.key, answer.name);
        ++all_.stored;
        reply(answer);
        report_stored(described, answer);
    }
}

void receiver_protocol::publish(file_id id) {
    const open_upload whole = open_.at(id);
    const auto outcome = whole.file->publish(*all_.disk);
    if (const auto* const why = std::get_if<objection>(&outcome))
        return fail(id, *why);
    published_.emplace_back(take_out(id), std::get<stored>(outcome));
}

void receiver_protocol::fail(file_id id, const objection& why) {
    const open_upload failed = take_out(id);
    const std::uint64_t received = failed.file->received();
    const std::uint64_t kept = let_go(failed, !keeps(why.code));
    reply(refusal{.id = id,
                  .accepted = true,
                  .code = why.code,
                  .reason = why.reason,
                  .retry = worth_retrying(why.code),
                  .kept = kept});
    ++all_.failed;
    report_failure({.from = from_,
                    .name = failed.file->described().name,
                    .received = received,
                    .kept = kept,
                    .why = why.reason,
                    .code = std::string{to_string(why.code)}});
    if (why.code == refusal_code::protocol)
        broken_ = true;
}

// Returns the number of bytes that are kept.
std::uint64_t receiver_protocol::let_go(const open_upload& taken, bool fatal) {
    return taken.file->drop(fatal);
}

receiver_protocol::open_upload receiver_protocol::take_out(file_id id) {
    open_upload taken = std::move(open_.extract(id).mapped());
    std::erase(whole_, id);
    if (taken.key)
        all_.uploads.remove(*taken.key, taken.file.get());
    return taken;
}

void receiver_protocol::end(std::string_view why) noexcept {
    if (const auto cut = std::exchange(reading_, {}); cut && !cut->kept) {
        ++all_.failed;
        log_exceptions([&] { report_failure({.from = from_, .name = cut->offered.name, .why = std::string{why}}); });
    }
    for (auto next = open_.begin(); next != open_.end();) {
        const auto each = next++;
        if (!each->second.is_judged)
            cut(each->first, why);
    }
}

void receiver_protocol::cut(file_id id, std::string_view why) noexcept {
    const open_upload cut = take_out(id);
    const std::uint64_t received = cut.file->received();
    const std::uint64_t kept = let_go(cut, false);
    ++all_.failed;
    log_exceptions([&] {
        report_failure({.from = from_,
                        .name = cut.file->described().name,
                        .received = received,
                        .kept = kept,
                        .why = std::string{why}});
    });
}

void receiver_protocol::report_stored(const offered_file& described, const stored& file) {
    log_info(log_topic::file_stored,
             "stored " + in_quotes(file.name) + ", " + std::to_string(file.size) + " bytes from " + from_.to_string(),
             {.peer = from_.to_string()});
    if (all_.options.on_stored)
        notices_.emplace_back(stored_file{.from = described.from,
                                          .name = file.name,
                                          .size = file.size,
                                          .hash = file.hash.to_string(),
                                          .durable = file.durable});
}

void receiver_protocol::report_failure(const failed_file& file) {
    log_warning(log_topic::file_not_stored,
                "did not store " + in_quotes(file.name) + " from " + from_.to_string() + ": " + file.why + "; " +
                    std::to_string(file.received) + " bytes came, " + std::to_string(file.kept) + " are kept",
                {.peer = from_.to_string()});
    if (all_.options.on_failed)
        notices_.emplace_back(file);
}

} // namespace fairlead::file_transfer
