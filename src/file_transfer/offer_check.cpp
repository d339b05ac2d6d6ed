#include "file_transfer/disk_failure.hpp"
#include "file_transfer/receiver_protocol.hpp"
#include "log/log_exceptions.hpp"
#include "net/address_key.hpp"

#include <fairlead/file_transfer/file_name.hpp>

#include <exception>
#include <limits>
#include <utility>

// The handling of offers in `receiver_protocol`.
namespace fairlead::file_transfer {

namespace {

std::optional<digest> key_for(const offer& offered) {
    return offered.resume.empty() ? std::nullopt : std::optional{known_uploads::key_of(offered)};
}

bool is_busy(const error_code& why) {
    return why == boost::system::errc::device_or_resource_busy;
}

// The sender reads and hashes its own beginning before it sends anything else.
std::chrono::seconds time_to_compare(std::uint64_t bytes) {
    constexpr std::uint64_t least_rate = 16 * 1024 * 1024; // bytes a second
    return std::chrono::seconds{bytes / least_rate};
}

upload::objection goes_on_elsewhere() {
    return {refusal_code::busy, "the same upload goes on elsewhere"};
}

} // namespace

void receiver_protocol::take_offer(const offer& offered, time_point now) {
    if (offered.id <= last_id_)
        return break_off(offered.id, refusal_code::protocol, "the id of an offer must be greater than those before");
    last_id_ = offered.id;
    if (open_.size() >= max_open_files)
        return break_off(offered.id, refusal_code::protocol, "too many files are open on one connection");
    ++all_.offered;
    try {
        reading_.emplace(offer_in_hand{.offered = offered,
                                       .names = names_of_the_same(offered),
                                       .share = reading_shares::share{all_.readers, address_key(from_)}});
        answer_offer(now);
    } catch (...) {
        if (!reading_)
            throw;
        end_offer(program_failed());
    }
}

// Returns the names that the offered file may have in the storage: the answer to an earlier offer may have been
// lost with its connection. With `existing_file::number` the stored name may differ from the offered one.
// Another file may have any of these names by now.
std::vector<std::string> receiver_protocol::names_of_the_same(const offer& offered) const {
    if (!offered.hash || !offered.size || fault_of_file_name(offered.name))
        return {};
    const auto key = key_for(offered);
    const auto known = key ? all_.uploads.recall(*key) : std::nullopt;
    if (known && *known != offered.name)
        return {*known, offered.name};
    return {offered.name};
}

// Continues until a file must be read, to compare or to resume it, or until the offer is answered.
void receiver_protocol::answer_offer(time_point now) {
    if (begin_to_compare())
        return;
    if (const auto refused = accept_offer(reading_->offered, now))
        end_offer(*refused);
}

bool receiver_protocol::begin_to_compare() {
    offer_in_hand& at = *reading_;
    while (!at.names.empty()) {
        at.name = std::move(at.names.front());
        at.names.erase(at.names.begin());
        const auto there = all_.disk->find(at.name);
        if (!there || !*there || !(*there)->regular || (*there)->size != *at.offered.size)
            continue;
        if (auto begun = all_.disk->hash(at.name)) {
            at.existing = std::move(*begun);
            return true;
        }
    }
    return false;
}

std::uint64_t receiver_protocol::read_on(std::uint64_t most, time_point now) {
    try {
        return reading_->kept ? look_at_kept(most, now) : compare(most, now);
    } catch (...) {
        if (!reading_)
            throw;
        end_offer(program_failed());
        return 0;
    }
}

std::uint64_t receiver_protocol::compare(std::uint64_t most, time_point now) {
    const offer& offered = reading_->offered;
    const auto read = reading_->existing->read_on(most);
    const auto done = read ? read->read : 0;
    if (read && !read->hash)
        return done;
    const auto existing = std::move(reading_->existing);
    if (!read || *read->hash != *offered.hash || !is_safe(*existing)) {
        answer_offer(now);
        return done;
    }
    reply(stored{.id = offered.id,
                 .name = reading_->name,
                 .size = *offered.size,
                 .hash = *read->hash,
                 .durable = all_.options.durable});
    reading_.reset();
    return done;
}

bool receiver_protocol::is_safe(file_hashing& existing) {
    return !all_.options.durable || (existing.sync() && all_.disk->sync_names());
}

std::uint64_t receiver_protocol::look_at_kept(std::uint64_t most, time_point now) {
    const auto read = reading_->kept->look_at_kept(most);
    if (!read) {
        end_offer(is_busy(read.error()) ? goes_on_elsewhere()
                                        : disk_failed("what was kept cannot be read", read.error()));
        return 0;
    }
    if (read->whole) {
        const accept accepted = reading_->kept->acceptance();
        reading_.reset();
        active_ = std::max(active_, now) + time_to_compare(accepted.offset);
        reply(accepted);
    }
    return read->read;
}

void receiver_protocol::finish_reading(time_point now) {
    while (reading_)
        read_on(std::numeric_limits<std::uint64_t>::max(), now);
}

void receiver_protocol::end_offer(const objection& why) {
    const offer offered = reading_->offered;
    reading_.reset();
    if (open_.contains(offered.id))
        let_go(take_out(offered.id), true);
    refuse(offered, why);
}

std::optional<receiver_protocol::objection> receiver_protocol::object_to(const offer& offered) {
    if (const auto fault = fault_of_file_name(offered.name))
        return objection{refusal_code::name, std::string{*fault}};
    const auto most = all_.options.max_file_size;
    if (most != 0 && offered.size.value_or(0) > most)
        return objection{refusal_code::size, "files may have " + std::to_string(most) + " bytes"};
    if (all_.options.existing == existing_file::number)
        return {};
    const auto there = all_.disk->find(offered.name);
    if (!there)
        return disk_failed("the directory cannot be read", there.error());
    if (*there && (all_.options.existing == existing_file::reject || (*there)->directory))
        return objection{refusal_code::exists, "there is something of that name already"};
    return {};
}

std::optional<receiver_protocol::objection> receiver_protocol::accept_offer(const offer& offered, time_point now) {
    if (const auto refused = object_to(offered))
        return refused;
    const auto key = key_for(offered);
    auto staged = open_staged(key);
    if (!staged) {
        if (is_busy(staged.error()))
            return goes_on_elsewhere();
        return disk_failed("the disk failed", staged.error());
    }
    if (offered.size && staged->file->size() > *offered.size) {
        if (const auto cleared = staged->file->clear(); !cleared)
            return disk_failed("the disk failed", cleared.error());
    }

    const std::uint64_t kept = staged->file->size();
    offered_file described{.from = from_, .name = offered.name, .size = offered.size, .resumed_at = kept};
    upload_limits::place held;
    if (const auto full = all_.limits.open(held, from_, offered.size.value_or(kept) - kept, kept != 0, now))
        return full;
    if (all_.options.on_offered) {
        if (auto unwanted = all_.options.on_offered(described))
            return objection{refusal_code::refused, *unwanted};
    }
    const auto opened = std::make_shared<upload>(all_.options, offered, std::move(described), std::move(staged->file),
                                                 std::move(held), now);
    open_.emplace(offered.id, open_upload{.file = opened, .key = key});
    if (key)
        all_.uploads.add(*key, opened); // before it is read, so that it can be taken over meanwhile
    if (staged->known)                  // it was hashed on arrival, and has been open since
        opened->begin_with(*staged->known);
    reading_->kept = opened;
    if (kept == 0)
        look_at_kept(1, now);
    return {};
}

// A sender may be back before we notice that its connection broke. Then the new connection takes over the staged file.
result<upload::handed_over> receiver_protocol::open_staged(const std::optional<digest>& key) {
    auto opened = all_.disk->open(key);
    if (opened)
        return upload::handed_over{.file = std::move(*opened)};
    if (key && is_busy(opened.error())) {
        const auto earlier = all_.uploads.find(*key);
        auto taken = earlier ? earlier->give_up() : upload::handed_over{};
        if (taken.file)
            return taken;
    }
    return opened.error();
}

void receiver_protocol::refuse(const offer& offered, const objection& why) {
    reply(refusal{.id = offered.id, .code = why.code, .reason = why.reason, .retry = worth_retrying(why.code)});
    ++all_.refused;
    report_failure({.from = from_,
                    .name = offered.name,
                    .why = why.reason,
                    .code = std::string{to_string(why.code)},
                    .refused = true});
}

} // namespace fairlead::file_transfer
