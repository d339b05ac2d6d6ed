// A handler of one's own: called once per message. Every connection has its own copy of the handler, so its
// members belong to that connection alone and need no lock.
//
//     $ 02_message_handler &
//     $ printf 'first\nsecond\n' | fairlead talk tcp://127.0.0.1:9000 --framing line

#include <fairlead/framing/delimited.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/server.hpp>

#include <iostream>

class numbering {
public:
    void operator()(fairlead::bytes_view message, fairlead::peer& from) {
        from.send(std::to_string(++messages_) + ": " + to_string(message));
    }

private:
    unsigned messages_ = 0;
};

int main(int argc, char** argv) {
    fairlead::server server;
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, numbering{});
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
