#include "chat/chat_rooms.hpp"

#include "chat/chat_text.hpp"
#include "quantity.hpp"

#include <algorithm>

namespace fairlead::command {

namespace {

std::string topic_of(const std::string& room) {
    return "room/" + room;
}

std::string lower_case(std::string name) {
    const auto lower = [](char each) {
        return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    };
    std::transform(name.begin(), name.end(), name.begin(), lower);
    return name;
}

// `here` is made with these.
topics_options options(topics& here) {
    topics_options made;
    made.counted = {"room"};
    made.max_topics = chat_rooms::max_rooms;
    made.on_lagged = [](peer& visitor, std::string_view, std::uint64_t missed) {
        visitor.send("* " + count(missed, "line was", "lines were") + " left out: your connection is too slow");
    };
    made.on_gap = [&here](std::string_view room, std::uint64_t lines) {
        static_cast<void>(here.publish_here(room, gap_notice(lines)));
    };
    return made;
}

} // namespace

chat_rooms::chat_rooms(std::shared_ptr<topic_bridge> to_others) : topics_{std::move(to_others), options(topics_)} {}

void chat_rooms::begin(server& serving) {
    topics_.count_in(serving.metrics());
    topics_.start(*serving.shards().begin());
}

void chat_rooms::keep(std::size_t messages) {
    const std::lock_guard lock{mutex_};
    history_ = std::max(history_, messages);
}

bool chat_rooms::take_name(const std::string& name) {
    const std::lock_guard lock{mutex_};
    return names_.insert(lower_case(name)).second;
}

void chat_rooms::give_back(const std::string& name) {
    const std::lock_guard lock{mutex_};
    names_.erase(lower_case(name));
}

bool chat_rooms::enter(session& visitor, const std::string& name, const std::string& room, std::size_t most) {
    const std::lock_guard lock{mutex_};
    if (!places_.contains(room) && places_.size() >= max_rooms)
        return false;
    if (!topics_.subscribe(visitor, topic_of(room), {.name = name}))
        return false;
    place& in = places_[room];
    ++in.visitors;
    for (std::size_t i = in.last.size() - std::min(in.last.size(), most); i != in.last.size(); ++i)
        visitor.send(in.last[i]);
    return true;
}

void chat_rooms::leave(session& visitor, const std::string& room) {
    topics_.unsubscribe(visitor, topic_of(room));
    const std::lock_guard lock{mutex_};
    const auto found = places_.find(room);
    if (--found->second.visitors == 0)
        places_.erase(found);
}

void chat_rooms::rename(session& visitor, const std::string& name, const std::string& room) {
    topics_.subscribe(visitor, topic_of(room), {.name = name});
}

result<void> chat_rooms::say(const std::string& room, const std::string& line) {
    const std::lock_guard lock{mutex_};
    const auto said = topics_.publish(topic_of(room), line);
    const bool heard_here = said || said.error() != errc::send_queue_full;
    if (const auto found = places_.find(room); heard_here && found != places_.end())
        remember(found->second, line);
    return said;
}

void chat_rooms::remember(place& in, const std::string& line) const {
    in.last.push_back(line);
    in.bytes += line.size();
    while (in.last.size() > history_ || in.bytes > max_history_bytes) {
        in.bytes -= in.last.front().size();
        in.last.pop_front();
    }
}

std::vector<std::string> chat_rooms::names(const std::string& room, std::size_t most) const {
    auto all = topics_.names(topic_of(room), most);
    std::sort(all.begin(), all.end());
    return all;
}

std::size_t chat_rooms::size(const std::string& room) const {
    return topics_.subscribers(topic_of(room));
}

} // namespace fairlead::command
