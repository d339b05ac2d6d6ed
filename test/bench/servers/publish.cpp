// publish URL topics|loop
//
// A message of one byte subscribes to the topic of that name, and is its own reply; a longer one goes to the subscribers of its first
// byte: by `topics`, or by a loop over their handles. At tcp:// framing is `length`; one thread. For topics.py.

#include <fairlead/fairlead.hpp>

#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace fairlead;

class publisher {
public:
    virtual ~publisher() = default;
    virtual void subscribe(peer& to, std::string_view topic) = 0;
    virtual void publish(std::string_view topic, bytes_view message) = 0;

    void take(bytes_view message, peer& from) {
        if (message.size() == 1) {
            subscribe(from, message.text());
            from.send(message);
        } else {
            publish(message.text().substr(0, 1), message);
        }
    }
};

class by_topics : public publisher {
    void subscribe(peer& to, std::string_view topic) override { rooms_.subscribe(to, topic).value(); }
    void publish(std::string_view topic, bytes_view message) override { rooms_.publish(topic, message); }

    topics rooms_;
};

class by_loop : public publisher {
    void subscribe(peer& to, std::string_view topic) override { rooms_[topic.front()].push_back(to.handle()); }
    void publish(std::string_view topic, bytes_view message) override {
        for (const peer_handle& each : rooms_[topic.front()])
            each.send(message);
    }

    std::map<char, std::vector<peer_handle>> rooms_;
};

void serve(const std::string& url, publisher& with) {
    server server{{.threads = 1}};
    limits bounds;
    bounds.first_message_timeout = bounds.idle_timeout = bounds.write_timeout = limits::duration{0};
    const bool web = url.starts_with("ws:");
    const auto at =
        server.listen(url, web ? framing{websocket{}} : framing{length_prefixed{}},
                      [&with](bytes_view message, peer& from) { with.take(message, from); }, {.limits = bounds});
    std::printf("listening %s://127.0.0.1:%u\n", web ? "ws" : "tcp", unsigned{at.port()});
    std::fflush(stdout);
    server.run();
}

} // namespace

int main(int count, char** arguments) {
    const std::string_view how = count == 3 ? arguments[2] : "";
    if (how != "topics" && how != "loop") {
        std::fprintf(stderr, "usage: %s URL topics|loop\n", arguments[0]);
        return 2;
    }
    try {
        by_topics topics;
        by_loop loop;
        serve(arguments[1], how == "loop" ? static_cast<publisher&>(loop) : topics);
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "publish: %s\n", failed.what());
        return 1;
    }
}
