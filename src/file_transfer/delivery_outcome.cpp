#include "file_transfer/delivery.hpp"

#include <fairlead/printable.hpp>

#include <utility>
#include <variant>

// The outcomes of the files of a `delivery`.
namespace fairlead::file_transfer {

namespace {

// Describes an error of reading. The name of the file is shown beside the text.
std::string describe_read_error(const error_code& why) {
    if (why == source_file::changed())
        return "it has changed while it was read; send it again when nobody writes to it";
    if (why == boost::system::errc::invalid_seek)
        return "the connection broke, and what comes through a pipe cannot be read a second time; a file could be, and "
               "would go on where it was";
    if (why == boost::system::errc::is_a_directory)
        return "it is a directory; send the files in it";
    return "it cannot be read: " + why.message();
}

std::string code_of_read_error(const error_code& why) {
    return why == boost::system::errc::invalid_seek ? "connection" : "read";
}

} // namespace

void delivery::give_up(std::size_t which, const error_code& why) {
    settle();
    outgoing_file& file = *files_[which];
    if (const auto taken_back = next_.abandoned(which))
        session_->send(write_message(*taken_back));
    if (!file.done) {
        file.outcome.kept = 0;
        fail_to_read(file, why);
    }
}

void delivery::settle() {
    for (const auto& each : std::exchange(endings_, {})) {
        outgoing_file& file = *files_[each.file];
        if (file.done)
            continue;
        std::visit([&](const auto& reply) { settle(file, reply); }, each.how);
        file.close();
    }
}

void delivery::settle(outgoing_file& file, const stored& reply) {
    file.done = true;
    file.outcome.name = reply.name;
    file.outcome.size = reply.size;
    file.outcome.hash = reply.hash.to_string();
    file.outcome.durable = reply.durable;
    file.outcome.stored = true;
    file.outcome.kept = 0;
    report_.ended(file);
}

void delivery::settle(outgoing_file& file, const refusal& reply) {
    file.outcome.kept = reply.kept;
    if (reply.code == refusal_code::hash)
        file.doubt();
    const bool may_be_ours = reply.code == refusal_code::exists && file.prove();
    if (!reply.retry && !may_be_ours)
        return fail(file, std::string{to_string(reply.code)}, printable(bytes_view{reply.reason}));
    file.outcome.code = to_string(reply.code);
    file.outcome.why = printable(bytes_view{reply.reason});
}

void delivery::fail_to_read(outgoing_file& file, const error_code& why) {
    fail(file, code_of_read_error(why), describe_read_error(why));
}

void delivery::fail(outgoing_file& file, std::string code, std::string why) {
    file.done = true;
    file.outcome.code = std::move(code);
    file.outcome.why = std::move(why);
    report_.ended(file);
}

delivery_end delivery::end() const {
    if (changed_->interrupted())
        return {.code = "interrupted", .why = "interrupted", .retry = false};
    if (silent_)
        return {.code = "timeout", .why = "the receiver gave no answer in time", .retry = replies_ != 0};
    if (fault_)
        return {.code = std::string{to_string(fault_->code)}, .why = fault_->why, .retry = fault_->retry};
    const close_reason reason = session_->close_reason();
    const error_code& cause = reason.code;
    if (cause == errc::closed)
        return {.why = "the receiver closed the connection"};
    if (cause == errc::malformed || cause == errc::message_too_large)
        return {.code = "protocol", .why = "it is no file receiver: " + reason.message(), .retry = false};
    if (cause)
        return {.why = "the connection broke: " + cause.message()};
    return {};
}

} // namespace fairlead::file_transfer
