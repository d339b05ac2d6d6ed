#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <cstdint>
#include <string_view>

namespace fairlead {

class shard_core;

/// Carries the messages of topics between the processes of one service.
class topic_bridge {
public:
    /// Both are called on the thread of the bridge's shard.
    class receiver {
    public:
        virtual void deliver(std::string_view topic, bytes_view message) = 0;
        virtual void lost(std::string_view topic, std::uint64_t messages) = 0;

    protected:
        ~receiver() = default;
    };

    virtual ~topic_bridge() = default;

    virtual void start(shard_core& home, receiver& to) = 0; ///< once, before the rest
    virtual void subscribe(std::string_view topic) = 0;     ///< one for a topic and process; any thread
    virtual void unsubscribe(std::string_view topic) = 0;
    virtual result<void> publish(std::string_view topic, bytes_view message) = 0; ///< any thread; error: not accepted
    virtual void stop() noexcept = 0;
};

} // namespace fairlead
