#include "chat/chat_handler.hpp"

#include "chat/chat_rate.hpp"
#include "chat/chat_text.hpp"
#include "quantity.hpp"

#include <fairlead/handlers/uppercase.hpp>

#include <array>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace fairlead::command {

namespace {

constexpr std::size_t most_shown = 100; // names, by `/who`

/// One visitor, from its first line to its last.
class visitor {
public:
    visitor(session& peer, std::shared_ptr<chat_rooms> rooms, const chat_settings& settings)
        : peer_{peer}, rooms_{std::move(rooms)}, settings_{settings}, rate_{settings.rate} {}
    visitor(const visitor&) = delete;
    visitor& operator=(const visitor&) = delete;
    ~visitor() {
        try {
            if (!room_.empty())
                rooms_->leave(peer_, room_);
            if (!name_.empty())
                rooms_->give_back(name_);
        } catch (const std::bad_alloc&) {} // the name stays taken
    }

    void arrive() {
        std::string name = "guest-" + std::to_string(peer_.id());
        if (!rooms_->take_name(name)) // a visitor that was here before this process counted so far
            return peer_.close();
        name_ = std::move(name);
        tell("welcome, " + name_ + "; /help shows the commands");
        if (!enter("lobby"))
            peer_.close();
    }

    void handle(bytes_view message) {
        if (!rate_.allow(chat_rate::time_point::clock::now()))
            return tell("you send too fast, so this line was left out; a visitor has " +
                        count(settings_.rate, "line", "lines") + " a second");
        if (message.size() > max_chat_text)
            return tell("a line has up to " + std::to_string(max_chat_text) + " bytes");
        const std::string line = chat_line(message);
        if (line.find_first_not_of(' ') == line.npos)
            return;
        if (line.front() != '/')
            return say(name_ + ": " + line);
        run(parse_chat_command(line));
    }

    void depart() {
        const std::string name = std::exchange(name_, std::string{});
        if (name.empty())
            return;
        rooms_->give_back(name); // free once the others read that it has left
        announce("* " + name + " left");
    }

private:
    void tell(const std::string& notice) { peer_.send("* " + notice); }

    void say(const std::string& line) {
        if (const auto said = rooms_->say(room_, line); !said)
            tell(why_not_heard(said.error()));
    }

    void announce(const std::string& line) {
        if (!room_.empty())
            static_cast<void>(rooms_->say(room_, line));
    }

    bool enter(const std::string& room) {
        if (!rooms_->enter(peer_, name_, room, settings_.history))
            return false;
        room_ = room;
        announce("* " + name_ + " joined " + room_);
        return true;
    }

    void run(const chat_command& command) {
        struct entry {
            std::string_view name;
            void (visitor::*run)(std::string_view argument);
        };
        static constexpr std::array<entry, 4> commands{{
            {"nick", &visitor::set_name},
            {"join", &visitor::join},
            {"who", &visitor::list}, // words: allow
            {"help", &visitor::help},
        }};
        for (const entry& each : commands) {
            if (each.name == command.name)
                return (this->*each.run)(command.argument);
        }
        tell("there is no command /" + std::string{command.name.substr(0, max_chat_name)} + "; /help shows them");
    }

    void set_name(std::string_view wanted) {
        const std::string name{wanted};
        if (!is_chat_name(name) || to_upper(name).starts_with("GUEST-"))
            return tell("a name has 1 to " + std::to_string(max_chat_name) +
                        " letters, digits, - and _, and does not begin with guest-: /nick NAME");
        if (name == name_)
            return;
        if (!rooms_->take_name(name))
            return tell("the name " + name + " is taken");
        const std::string before = std::exchange(name_, name);
        rooms_->give_back(before);
        rooms_->rename(peer_, name_, room_);
        announce("* " + before + " is " + name_ + " now");
    }

    void join(std::string_view wanted) {
        const std::string room{wanted};
        if (!is_chat_name(room))
            return tell("a room has a name of 1 to " + std::to_string(max_chat_name) +
                        " letters, digits, - and _: /join ROOM");
        if (room == room_)
            return tell("you are in " + room_ + " already");
        announce("* " + name_ + " left for another room");
        const std::string before = std::exchange(room_, std::string{});
        rooms_->leave(peer_, before);
        if (enter(room))
            return;
        tell("there are too many rooms; join one that exists");
        if (!enter(before))
            peer_.close();
    }

    void list(std::string_view) {
        const auto names = rooms_->names(room_, most_shown);
        std::string all = std::to_string(rooms_->size(room_)) + " in " + room_ + ":";
        for (const std::string& each : names)
            all += ' ' + each;
        tell(names.size() == most_shown ? all + " …" : all);
    }

    void help(std::string_view) {
        tell("/nick NAME  take another name");
        tell("/join ROOM  go to another room");
        tell("/who        show the names in this room"); // words: allow
        tell("any other line goes to all in this room");
    }

    session& peer_;
    const std::shared_ptr<chat_rooms> rooms_;
    const chat_settings settings_;
    chat_rate rate_;
    std::string name_;
    std::string room_; // empty: in none
};

boost::asio::awaitable<void> talk(session& peer, std::shared_ptr<chat_rooms> rooms, chat_settings settings) {
    visitor here{peer, std::move(rooms), settings};
    here.arrive();
    while (const auto message = co_await peer.receive())
        here.handle(*message);
    here.depart();
}

} // namespace

handler chat(std::shared_ptr<chat_rooms> rooms, const chat_settings& settings) {
    rooms->keep(settings.history);
    return [rooms, settings](session& peer) { return talk(peer, rooms, settings); };
}

} // namespace fairlead::command
