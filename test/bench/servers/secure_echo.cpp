// secure-echo HOST PORT CHAIN KEY
//
// The echo of the library over TLS, and over plain TCP at another port, which is announced second.

#include <fairlead/fairlead.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

namespace {

using namespace fairlead;

void serve(server& serving, const std::string& url, const listen_options& how) {
    std::printf("listening %s\n", serving.listen(url, length_prefixed{}, echo(), how).to_string().c_str());
}

} // namespace

int main(int count, char** arguments) {
    if (count != 5) {
        std::fprintf(stderr, "usage: %s HOST PORT CHAIN.pem KEY.pem\n", arguments[0]);
        return 2;
    }
    try {
        server serving{{.threads = 1}};
        const std::string host = arguments[1];
        listen_options how;
        how.tls.certificates = {{arguments[3], arguments[4]}};
        how.tls.handshake_timeout = std::chrono::minutes{5}; // stalled ones are measured
        serve(serving, "tls://" + host + ":" + arguments[2], how);
        serve(serving, "tcp://" + host + ":0", {});
        std::fflush(stdout);
        return serving.run();
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "secure-echo: %s\n", failed.what());
        return 1;
    }
}
