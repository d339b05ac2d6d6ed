#include "file_transfer/receiver_hooks.hpp"

#include "file_transfer/disk_failure.hpp"
#include "file_transfer/in_quotes.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"

#include <exception>
#include <string>
#include <unistd.h>

namespace fairlead::file_transfer {

namespace {

using objection = upload::objection;

std::string path_of(const unique_descriptor& opened) {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(opened.get());
}

template <class File>
void call(const std::function<void(const File&)>& hook, const File& file, const char* as, const char* state) noexcept {
    if (!hook)
        return;
    try {
        hook(file);
    } catch (...) {
        log_exceptions([&, thrown = std::current_exception()] {
            log_error(log_topic::exception, std::string{as} + " threw for " + in_quotes(file.name) + ", which " +
                                                state + ": " + describe_exception(thrown));
        });
    }
}

} // namespace

verdict judge(const file_receiver_options& options, const file_to_judge& whole) {
    const auto opened = whole.file->duplicate();
    if (!opened && opened.error() == boost::system::errc::device_or_resource_busy)
        return {.id = whole.id}; // it was given up; `publish` will report that
    if (!opened)
        return {.id = whole.id, .against = disk_failed("the whole file cannot be opened", opened.error())};
    const finish end = whole.file->as_it_is();
    const offered_file& described = whole.file->described();
    const received_file received{.from = described.from,
                                 .name = described.name,
                                 .size = *end.size,
                                 .hash = end.hash->to_string(),
                                 .path = path_of(*opened)};
    try {
        auto reason = options.on_received(received);
        if (!reason)
            return {.id = whole.id};
        return {.id = whole.id, .against = objection{refusal_code::content, std::move(*reason)}};
    } catch (...) {
        return {.id = whole.id,
                .against = objection{refusal_code::content, "the receiver could not check it: " +
                                                                describe_exception(std::current_exception())}};
    }
}

void tell(const file_receiver_options& options, const notice& outcome) noexcept {
    if (const auto* const kept = std::get_if<stored_file>(&outcome))
        call(options.on_stored, *kept, "on_stored", "is stored");
    else if (const auto* const lost = std::get_if<failed_file>(&outcome))
        call(options.on_failed, *lost, "on_failed", "is not stored");
}

} // namespace fairlead::file_transfer
