// A server from parts that are there: each message goes back as it came.
//
//     $ 01_echo_server &
//     $ printf 'hello\n' | fairlead talk tcp://127.0.0.1:9000

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/server.hpp>

#include <iostream>

int main(int argc, char** argv) {
    fairlead::server server;
    const auto address =
        server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::length_prefixed{}, fairlead::echo());
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
