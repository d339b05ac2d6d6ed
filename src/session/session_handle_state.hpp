#pragma once

#include "runtime/mailbox.hpp"
#include "session/session_impl.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace fairlead {

/// What a session shares with its handles on other threads; made when the first handle is asked for.
class session_handle_state {
public:
    class reservation;

    session_handle_state(std::shared_ptr<mailbox> box, session_impl& session, std::size_t most)
        : inbox{std::move(box)}, owner{session.weak_from_this()}, id{session.id()}, remote{session.remote()},
          limit{most} {}

    const std::shared_ptr<mailbox> inbox;
    const std::weak_ptr<session_impl> owner; // locked by the owner's thread alone
    const std::uint64_t id;
    const endpoint remote;
    std::atomic<std::size_t> limit;         // of `queued` and `on_the_way`
    std::atomic<std::size_t> on_the_way{0}; // bytes given to handles that have not reached the session
    std::atomic<std::size_t> queued{0};     // bytes in the session's send queue, as it last said
    std::atomic<bool> ended{false};
};

} // namespace fairlead
