// Receives files. A file gets its name when it is complete, checked and on the disk; an interrupted upload
// can be resumed.
//
//     $ 06_receive_files tcp://127.0.0.1:9000 /srv/pictures &
//     $ fairlead send tcp://127.0.0.1:9000 sunset.jpg

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/file_receiver.hpp>
#include <fairlead/server.hpp>

#include <iostream>
#include <optional>
#include <string>

// Both callbacks run on threads for blocking work, so they may query a database.
std::optional<std::string> only_pictures(const fairlead::offered_file& file) {
    if (file.name.ends_with(".jpg"))
        return {};
    return "this server takes pictures only";
}

void announce(const fairlead::stored_file& file) {
    std::cout << file.name + " is here, " + std::to_string(file.size) + " bytes\n" << std::flush;
}

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: 06_receive_files URL DIRECTORY\n";
        return 2;
    }
    const fairlead::file_receiver pictures{
        {.directory = argv[2], .max_file_size = 1 << 30, .on_offered = only_pictures, .on_stored = announce}};
    fairlead::server server;
    std::cout << "listening " << server.listen(argv[1], fairlead::length_prefixed{}, pictures).to_string() << std::endl;
    return server.run();
}
