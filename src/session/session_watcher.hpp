#pragma once

#include "core/intrusive_list.hpp"

namespace fairlead {

/// An object that is notified about one session, such as a subscription. It leaves the session by `unlink`.
///
/// Thread safety: the thread of the session's shard.
class session_watcher : public list_hook<session_watcher> {
public:
    /// True if there is work for `catch_up`.
    virtual bool is_behind() const noexcept = 0;

    /// Called when the transport has taken all queued bytes. Afterwards `is_behind` is false, unless this
    /// call itself makes it true again. May delete this.
    virtual void catch_up() = 0;

    /// Called when nothing more can be sent. It is unlinked already. May delete this.
    virtual void on_session_end() noexcept = 0;

protected:
    session_watcher() noexcept = default;
    ~session_watcher() = default;
};

} // namespace fairlead
