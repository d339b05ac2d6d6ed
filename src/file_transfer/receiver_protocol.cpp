#include "file_transfer/receiver_protocol.hpp"

#include "file_transfer/in_quotes.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace fairlead::file_transfer {

void receiver_protocol::take(bytes_view received, time_point now) {
    const auto read = read_message(received);
    if (const auto* const content = std::get_if<message>(&read))
        return take(*content, now);
    finish_reading(now);
    const auto& wrong = std::get<unreadable>(read);
    if (!broken_)
        break_off(wrong.id, wrong.code, wrong.reason);
}

void receiver_protocol::take(const message& said, time_point now) {
    finish_reading(now);
    if (broken_)
        return;
    if (const auto* const part = std::get_if<piece>(&said))
        return take_piece(*part, now);
    if (const auto* const offered = std::get_if<offer>(&said))
        return take_offer(*offered, now);
    if (const auto* const ended = std::get_if<finish>(&said))
        return take_end(*ended, now);
    if (const auto* const taken_back = std::get_if<abandon>(&said))
        return take_back(taken_back->id);
    break_off(0, refusal_code::protocol, "a sender sends no replies");
}

void receiver_protocol::take_piece(const piece& part, time_point now) {
    const auto found = open_.find(part.id);
    if (found == open_.end()) {
        if (!was_offered(part.id))
            break_off(part.id, refusal_code::protocol, "a piece of a file that was not offered");
        return; // sent before the sender could know that the file has ended
    }
    const auto& file = *found->second.file;
    const std::uint64_t before = file.received();
    conclude(part.id, found->second.file->take(part, now));
    if (!open_.contains(part.id) || file.received() <= before)
        return;
    active_ = std::max(active_, now);
    all_.bytes += part.bytes.size();
    if (all_.options.on_progress) {
        try {
            all_.options.on_progress(file.described(), file.received());
        } catch (...) {
            fail(part.id, program_failed());
        }
    }
}

receiver_protocol::objection receiver_protocol::program_failed() {
    return {refusal_code::storage, "the receiver failed: " + describe_exception(std::current_exception())};
}

void receiver_protocol::take_end(const finish& ending, time_point now) {
    const auto found = open_.find(ending.id);
    if (found == open_.end()) {
        if (!was_offered(ending.id))
            break_off(ending.id, refusal_code::protocol, "the end of a file that was not offered");
        return;
    }
    active_ = std::max(active_, now);
    conclude(ending.id, found->second.file->end(ending, now));
    const auto still = open_.find(ending.id);
    if (still != open_.end() && still->second.file->whole())
        whole_.push_back(ending.id);
}

void receiver_protocol::prepend(file_id id, bytes_view beginning, time_point now) {
    const auto found = open_.find(id);
    if (found != open_.end())
        conclude(id, found->second.file->prepend(beginning, *all_.disk, now));
}

void receiver_protocol::finish_as_it_is(file_id id, time_point now) {
    const auto found = open_.find(id);
    if (found != open_.end())
        take_end(found->second.file->as_it_is(), now);
}

void receiver_protocol::take_back(file_id id) {
    if (!open_.contains(id)) {
        if (!was_offered(id))
            break_off(id, refusal_code::protocol, "a file that was not offered is abandoned");
        return;
    }
    const open_upload gone = take_out(id);
    const std::uint64_t received = gone.file->received();
    let_go(gone, true);
    ++all_.failed;
    report_failure(
        {.from = from_, .name = gone.file->described().name, .received = received, .why = "its sender took it back"});
}

void receiver_protocol::conclude(file_id id, const upload::outcome& outcome) {
    if (const auto* const repeat = std::get_if<again>(&outcome))
        reply(*repeat);
    else if (const auto* const why = std::get_if<objection>(&outcome))
        fail(id, *why);
}

void receiver_protocol::look_at_time(time_point now) {
    if (reading_) // the time of its file begins when the offer is answered
        return;
    for (auto next = open_.begin(); next != open_.end();) {
        const auto each = next++;
        conclude(each->first, each->second.file->look_at_time(now, active_));
    }
}

std::optional<std::chrono::milliseconds> receiver_protocol::next_look() const {
    using namespace std::chrono_literals;
    constexpr std::chrono::milliseconds often = 1s;
    if (open_.empty())
        return {};
    const file_receiver_options& options = all_.options;
    if (options.upload_deadline.count() != 0 || options.min_rate != 0)
        return often;
    if (std::ranges::none_of(open_, [](const auto& each) { return each.second.file->waits(); }))
        return {};
    return options.offer_timeout.count() == 0
               ? 10s
               : std::clamp<std::chrono::milliseconds>(options.offer_timeout / 4, 10ms, 10s);
}

void receiver_protocol::break_off(file_id id, refusal_code code, const std::string& reason) {
    reply(refusal{.id = id, .accepted = open_.contains(id), .code = code, .reason = reason});
    broken_ = true;
    log_warning(log_topic::file_not_stored, from_.to_string() + " broke the protocol: " + reason,
                {.peer = from_.to_string()});
}

} // namespace fairlead::file_transfer
