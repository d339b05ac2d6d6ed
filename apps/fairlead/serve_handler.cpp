#include "serve_handler.hpp"

#include "chat/chat_handler.hpp"
#include "process_rights.hpp"
#include "serve_checks.hpp"
#include "sink_handler.hpp"
#include "source_handler.hpp"

#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/reply.hpp>
#include <fairlead/handlers/uppercase.hpp>
#include <fairlead/logging.hpp>

#include <spdlog/logger.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace fairlead::command {

namespace {

#ifdef FAIRLEAD_FILES
/// Logs the counters of a receiver once its listener and the last of its sessions are gone.
template <class Receiver>
struct counted {
    explicit counted(const Receiver& of) : receiver{of} {}
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() {
        const file_receiver_statistics done = receiver.statistics();
        logger()->info("files: {} offered, {} stored, {} refused, {} failed; {} bytes", done.offered, done.stored,
                       done.refused, done.failed, done.bytes);
    }
    const Receiver receiver;
};

template <class Receiver>
serve_handler counting(const Receiver& receiver) {
    const auto shared = std::make_shared<const counted<Receiver>>(receiver);
    return {[shared](session& peer) { return shared->receiver(peer); }};
}

serve_handler receive_files(const listener_options& options, const std::optional<user_identity>& user) {
    constexpr std::size_t piece_and_frame = 64;
    file_receiver_options settings = options.files.settings();
    if (options.max_message)
        settings.max_chunk = std::min(settings.max_chunk, *options.max_message - piece_and_frame);
    if (options.files.framed())
        return counting(as_user(user, [&] { return file_receiver{settings}; }));
    return counting(as_user(user, [&] { return plain_file_receiver{settings, options.files.separator}; }));
}
#endif

serve_handler chat_among(shared_by_handlers& shared, const listener_options& options) {
    if (shared.rooms && shared.broker != options.broker)
        throw std::invalid_argument{"all listeners share the rooms of the chat, so --topics and its options are the "
                                    "same for all of them; a server that runs keeps "
                                    "the broker that it has until a restart"};
    if (shared.rooms)
        return {chat(shared.rooms, options.chat)};
    shared.broker = options.broker;
    shared.rooms = std::make_shared<chat_rooms>(options.broker.make());
    return {.answers = chat(shared.rooms, options.chat),
            .begin = [rooms = shared.rooms](server& serving) { rooms->begin(serving); }};
}

} // namespace

void shared_by_handlers::end() const {
    if (rooms)
        rooms->end();
}

serve_handler make_handler(const planned_listener& listener, const std::optional<user_identity>& user,
                           shared_by_handlers& shared) {
    const listener_options& options = listener.options;
#ifdef FAIRLEAD_FILES
    if (listener.handler == "files")
        return receive_files(options, user);
#else
    static_cast<void>(user);
#endif
    if (listener.handler == "chat")
        return chat_among(shared, options);
    if (listener.handler == "relay") {
        options.relay.tls.warn(options.relay.tls.rest);
        return {options.relay.make(relay_front_of(listener))};
    }
    if (listener.handler == "sink")
        return {sink()};
    if (listener.handler == "source")
        return {source(options.source)};
    if (listener.handler == "echo")
        return {echo(options.prefix)};
    if (listener.handler == "uppercase")
        return {uppercase()};
    return {reply(options.text.value_or(""))};
}

} // namespace fairlead::command
