#pragma once

#include <fairlead/server.hpp>
#include <fairlead/session.hpp>
#include <fairlead/topics.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::command {

/// The rooms of a chat and the names of its visitors, for all listeners of a process.
///
///     enter ──▶ say, rename, move, names ──▶ leave
///
/// A room exists while a visitor is in it. It keeps its last messages, up to 64 KiB.
///
/// Thread safety: any thread; a visitor on the thread of its session. Lifetime: outlives the server.
class chat_rooms {
public:
    static constexpr std::size_t max_rooms = 1'000;
    static constexpr std::size_t max_history_bytes = 64 * 1024;

    /// `to_others` connects the rooms with those of other processes; null: there are none. Names, and the lines that a room keeps,
    /// are those of this process.
    explicit chat_rooms(std::shared_ptr<topic_bridge> to_others);

    /// Keeps that many messages of each room, if it keeps fewer.
    void keep(std::size_t messages);

    /// Takes a nick name. Returns false if another visitor has it, in any case of its letters.
    bool take_name(const std::string& name);
    void give_back(const std::string& name);

    /// Lets a visitor in: sends the last messages of the room, at most `most`, and subscribes. Returns false if there are too many
    /// rooms, or the session has ended.
    bool enter(session& visitor, const std::string& name, const std::string& room, std::size_t most);
    void leave(session& visitor, const std::string& room);
    void rename(session& visitor, const std::string& name, const std::string& room);

    /// Sends a line to all visitors of a room. Errors: as `topics::publish`.
    result<void> say(const std::string& room, const std::string& line);

    std::vector<std::string> names(const std::string& room, std::size_t most) const;
    std::size_t size(const std::string& room) const;

    void begin(server& serving);            ///< before it runs
    void end() noexcept { topics_.stop(); } ///< before it is destroyed

private:
    struct place {
        std::size_t visitors = 0;
        std::deque<std::string> last = {};
        std::size_t bytes = 0; // of `last`
    };

    void remember(place& in, const std::string& line) const;

    mutable std::mutex mutex_; // held while a line is published, so that a visitor gets each line once
    std::map<std::string, place> places_;
    std::set<std::string> names_; // in lower case
    std::size_t history_ = 0;
    topics topics_;
};

} // namespace fairlead::command
