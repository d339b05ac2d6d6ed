#include <fairlead/session.hpp>

#include "channel/framed_channel.hpp"
#include "session/session_impl.hpp"

#include <utility>

namespace fairlead {

namespace {

template <class Channel>
struct channel_holder {
    template <class... Arguments>
    explicit channel_holder(Arguments&&... arguments) : held{std::forward<Arguments>(arguments)...} {}
    Channel held;
};

/// A session and its channel in one piece of memory. The channel is made first and destroyed last.
class framed_session final : private channel_holder<framed_channel>, public session_impl {
public:
    framed_session(shard_core& shard, std::unique_ptr<stream> transport, framing messages,
                   std::shared_ptr<const fairlead::limits> bounds)
        : channel_holder{std::move(transport), std::move(messages), shard.blocks()}, session_impl{shard, held,
                                                                                                  std::move(bounds)} {}
};

/// A session over a channel of any kind.
class channel_session final : private channel_holder<std::unique_ptr<channel>>, public session_impl {
public:
    channel_session(shard_core& shard, std::unique_ptr<channel> messages,
                    std::shared_ptr<const fairlead::limits> bounds)
        : channel_holder{std::move(messages)}, session_impl{shard, *held, std::move(bounds)} {}
};

} // namespace

std::shared_ptr<session> session::create(fairlead::shard& shard, std::unique_ptr<stream> transport, framing messages,
                                         const fairlead::limits& bounds) {
    return make_session(core_of(shard), std::move(transport), std::move(messages),
                        std::make_shared<const fairlead::limits>(bounds));
}

std::shared_ptr<session_impl> make_session(shard_core& shard, std::unique_ptr<stream> transport, framing messages,
                                           std::shared_ptr<const fairlead::limits> bounds) {
    return std::make_shared<framed_session>(shard, std::move(transport), std::move(messages), std::move(bounds));
}

std::shared_ptr<session_impl> make_session(shard_core& shard, std::unique_ptr<channel> messages,
                                           std::shared_ptr<const fairlead::limits> bounds) {
    return std::make_shared<channel_session>(shard, std::move(messages), std::move(bounds));
}

} // namespace fairlead
