// @NAME@ URL CHAIN KEY: serves until SIGINT or SIGTERM. CHAIN and KEY are the files of the certificate and of its private key.

#include "framing.hpp"
#include "handler.hpp"

#include <fairlead/server.hpp>

#include <exception>
#include <iostream>

static void announce(const fairlead::endpoint& address) {
    std::cout << "listening " << address.to_string() << std::endl;
}

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: @NAME@ URL CHAIN KEY, such as @NAME@ @ARGUMENTS@\n";
        return 2;
    }
    try {
        fairlead::server server{{.notify_service_manager = true, .on_listening = announce}};
        fairlead::tls_server_options tls;
        tls.certificates = {{argv[2], argv[3]}};
        server.listen(argv[1], message_framing(), serve, {.tls = tls});
        return server.run(); // 0, or 3 if the stop had to cut sessions off
    } catch (const std::exception& failed) {
        std::cerr << "@NAME@: " << failed.what() << '\n';
        return 1;
    }
}
