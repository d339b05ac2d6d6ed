#pragma once

#include <fairlead/handler.hpp>

#include <utility>

namespace fairlead {

/// Puts a layer that waits, and so needs a session, around a handler. `of_messages` takes a message handler and returns one, here for
/// single datagrams only; `of_sessions` takes a handler and returns a session handler.
template <class OfMessages, class OfSessions>
handler layered_with_waits(handler inner, OfMessages of_messages, OfSessions of_sessions) {
    if (message_handler* const each = inner.per_datagram()) {
        message_handler datagrams = of_messages(*each);
        return {of_sessions(std::move(inner)), std::move(datagrams)};
    }
    return of_sessions(std::move(inner));
}

/// The same for a layer that never waits: a message handler keeps its form.
template <class OfMessages, class OfSessions>
handler layered(handler inner, OfMessages of_messages, OfSessions of_sessions) {
    if (message_handler* const each = inner.per_message())
        return of_messages(std::move(*each));
    return layered_with_waits(std::move(inner), of_messages, of_sessions);
}

} // namespace fairlead
