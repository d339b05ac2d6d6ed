// A chat: every line goes to all visitors, on all threads of the server.
//
//     $ 13_chat &
//     $ fairlead talk tcp://127.0.0.1:9000 --framing line      # in two terminals; "/nick Ann" changes the name

#include <fairlead/framing/delimited.hpp>
#include <fairlead/server.hpp>
#include <fairlead/session.hpp>

#include <algorithm>
#include <iostream>
#include <mutex>
#include <unordered_map>

// The visitors and their names. Thread safety: any thread; a handle sends from each to each.
class room {
public:
    // Returns false if the name is taken.
    bool enter(const fairlead::peer_handle& visitor, const std::string& name) {
        const std::lock_guard lock{mutex_};
        if (std::ranges::any_of(names_, [&](const auto& each) { return each.second == name; }))
            return false;
        names_[visitor] = name;
        return true;
    }

    void leave(const fairlead::peer_handle& visitor) {
        const std::lock_guard lock{mutex_};
        names_.erase(visitor);
    }

    void say(const std::string& line) {
        const std::lock_guard lock{mutex_};
        for (const auto& [visitor, name] : names_) {
            const auto sent = visitor.send(line);
            if (!sent && sent.error() == fairlead::errc::send_queue_full)
                visitor.abort(sent.error()); // the others do not wait for a visitor that reads too slowly
        }
    }

private:
    std::mutex mutex_;
    std::unordered_map<fairlead::peer_handle, std::string> names_;
};

boost::asio::awaitable<void> chat(fairlead::session& visitor, room& all) {
    const auto self = visitor.handle();
    std::string name = "visitor " + std::to_string(visitor.id());
    while (!all.enter(self, name)) // another visitor has taken this name
        name += "'";
    all.say("* " + name + " joined");
    while (const auto message = co_await visitor.receive()) {
        const std::string line = to_string(*message);
        if (!line.starts_with("/nick ")) {
            all.say(name + ": " + line);
        } else if (all.enter(self, line.substr(6))) {
            all.say("* " + name + " is " + line.substr(6) + " now");
            name = line.substr(6);
        } else {
            visitor.send("* that name is taken");
        }
    }
    all.leave(self);
    all.say("* " + name + " left: " + visitor.close_reason().message());
}

int main(int argc, char** argv) {
    room all; // before the server: it outlives all handlers
    fairlead::server server;
    const auto handler = [&all](fairlead::session& visitor) { return chat(visitor, all); };
    const auto where = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, handler);
    std::cout << "listening " << where.to_string() << std::endl;
    return server.run();
}
