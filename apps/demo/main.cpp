#include "servers.hpp"
#include "style.hpp"
#include "tour.hpp"

#include <fairlead/logging.hpp>

#include <spdlog/logger.h>

#include <exception>
#include <filesystem>
#include <future>
#include <iostream>
#include <string>
#include <string_view>

namespace {

using demo::servers;

// Returns the command as a user in the current directory types it.
std::string command() {
    namespace fs = std::filesystem;
    const fs::path built = fs::read_symlink("/proc/self/exe").parent_path() / "../fairlead/fairlead";
    if (!fs::exists(built))
        return "fairlead";
    const fs::path near = fs::proximate(built);
    return *near.begin() == ".." ? fs::canonical(built).string() : "./" + near.string();
}

void introduce(const servers& running) {
    std::cout << demo::style{}.heading("Fairlead demo") << ": four servers in one program\n"
              << "   " << running.echo().to_string() << "  echo       length  (4 bytes of length, then the message)\n"
              << "   " << running.uppercase().to_string() << "  uppercase  line    (messages end with a newline)\n"
              << "   " << running.reply().to_string() << "  reply      raw     (bytes as they come)\n"
              << "   " << running.chat().to_string() << "  chat       line    (rooms; also " << running.web_chat()
              << ")\n\n";
}

std::string browser(const servers& running) {
    const std::string page = running.web_chat().substr(2); // behind "ws"
    return demo::chat_page().empty() ? "" : "   xdg-open http" + page.substr(0, page.rfind('/')) + "/\n";
}

void suggest(const servers& running) {
    const std::string fairlead = command();
    std::cout << '\n'
              << demo::style{}.heading("Now you, in another terminal:") << "\n   printf 'hello\\n' | " << fairlead
              << " talk " << running.echo().to_string() << "\n   printf 'hello\\n' | " << fairlead << " talk "
              << running.uppercase().to_string() << " --framing line\n   nc 127.0.0.1 " << running.uppercase().port()
              << "\n   python3 -c \"import socket; s = socket.create_connection(('127.0.0.1', "
              << running.reply().port() << ")); s.sendall('你好'.encode()); print(s.recv(1024).decode())\"\n"
              << browser(running) << "Ctrl-C stops the servers.\n"
              << std::flush;
}

int run(bool tour_only) {
    servers running;
    auto serving = std::async(std::launch::async, [&running] { return running.server().run(); });
    introduce(running);
    bool right = false;
    try {
        right = demo::show_tour(running);
    } catch (const std::exception& failed) {
        std::cout << '\n' << demo::style{}.bad(std::string{"the tour ended early: "} + failed.what()) << '\n';
    }
    std::cout << (right ? "Every reply was right.\n" : "Not every reply was right.\n");
    if (right && !tour_only)
        suggest(running);
    else
        running.server().stop();

    const int drained = serving.get();
    if (right && !tour_only)
        std::cout << "\nStopped; " << running.server().statistics().accepted << " connections were served.\n";
    return right ? drained : 1;
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view argument = argc == 2 ? argv[1] : "";
    if (argc > 2 || (argc == 2 && argument != "--tour")) {
        std::cerr << "usage: fairlead-demo [--tour]\n";
        return 2;
    }
    try {
        fairlead::logger()->set_level(spdlog::level::warn);
        return run(argument == "--tour");
    } catch (const std::exception& failed) {
        std::cerr << "fairlead-demo: " << failed.what() << '\n';
        return 1;
    }
}
