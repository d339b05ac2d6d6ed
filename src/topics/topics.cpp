#include <fairlead/topics.hpp>

#include "runtime/shard_core.hpp"
#include "session/impl_behind.hpp"
#include "session/session_impl.hpp"
#include "topics/topics_core.hpp"

#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

session_impl& session_of(peer& subscriber) {
    if (auto* const found = impl_behind(subscriber))
        return *found;
    throw std::invalid_argument{
        "only a session can subscribe to a topic: the peer of a handler; over UDP use a session handler"};
}

} // namespace

topics::topics(topics_options options) : topics{nullptr, std::move(options)} {}

topics::topics(std::shared_ptr<topic_bridge> bridge, topics_options options)
    : core_{std::make_unique<topics_core>(std::move(bridge), std::move(options))} {}

topics::~topics() {
    stop();
}

void topics::start(shard& home) {
    core_->start(core_of(home));
}

void topics::stop() noexcept {
    core_->stop();
}

result<void> topics::subscribe(peer& subscriber, std::string_view topic, subscription_options how) {
    return core_->subscribe(session_of(subscriber), topic, how);
}

bool topics::unsubscribe(peer& subscriber, std::string_view topic) {
    return core_->unsubscribe(session_of(subscriber), topic);
}

result<void> topics::publish(std::string_view topic, bytes_view message) {
    return core_->publish(topic, message);
}

result<void> topics::publish_here(std::string_view topic, bytes_view message) {
    return core_->publish_here(topic, message);
}

std::size_t topics::subscribers(std::string_view topic) const {
    return core_->subscribers(topic);
}

std::vector<std::string> topics::names(std::string_view topic, std::size_t most) const {
    return core_->names(topic, most);
}

void topics::count_in(fairlead::metrics& in) {
    core_->count_in(in);
}

} // namespace fairlead
