#include "session/opening_session.hpp"

#include <fairlead/framing/raw.hpp>

#include <utility>

namespace fairlead {

opening_session::opening_session(shard_core& shard, std::unique_ptr<stream> transport,
                                 std::shared_ptr<const fairlead::limits> bounds)
    : opening_channels{std::make_unique<framed_channel>(std::move(transport), raw{}, shard.blocks())},
      session_impl{shard, *before, std::move(bounds)}, remote_{before->remote()} {}

void opening_session::go_on(std::unique_ptr<websocket_channel> next) noexcept {
    after = std::move(next);
    after->attach(before->release());
    use(*after);
    before.reset();
}

} // namespace fairlead
