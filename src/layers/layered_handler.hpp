#pragma once

#include <fairlead/handler.hpp>

#include <utility>

namespace fairlead {

/// Puts a layer that never waits around a handler. Each form of the handler keeps its form.
///
/// `of_messages` takes a message handler and returns one; `of_sessions` takes a handler and returns a session handler.
template <class OfMessages, class OfSessions>
handler layered(handler inner, OfMessages of_messages, OfSessions of_sessions) {
    if (message_handler* const each = inner.per_message())
        return of_messages(std::move(*each));
    if (message_handler* const each = inner.per_datagram()) {
        message_handler datagrams = of_messages(*each);
        return {of_sessions(std::move(inner)), std::move(datagrams)};
    }
    return of_sessions(std::move(inner));
}

/// The same for a layer that waits, and so needs a session. `of_messages` is for single datagrams only.
template <class OfMessages, class OfSessions>
handler layered_with_waits(handler inner, OfMessages of_messages, OfSessions of_sessions) {
    if (message_handler* const each = inner.per_datagram()) {
        message_handler datagrams = of_messages(*each);
        return {of_sessions(std::move(inner)), std::move(datagrams)};
    }
    return of_sessions(std::move(inner));
}

} // namespace fairlead
