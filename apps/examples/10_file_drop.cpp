// A file drop: the first message of a sender is a token, which tells whose directory its files go to. A hook looks at each
// whole file before it is published.
//
//     $ 10_file_drop tcp://127.0.0.1:9000 s3cret=/srv/ann 0ther=/srv/ben

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/file_receiver.hpp>
#include <fairlead/server.hpp>
#include <fairlead/session.hpp>

#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>

using drops_by_token = std::map<std::string, fairlead::file_receiver, std::less<>>;

// Called on threads for blocking work, when the file is complete and has no name yet.
std::optional<std::string> refuse_programs(const fairlead::received_file& file) {
    std::ifstream bytes{file.path, std::ios::binary};
    if (bytes.get() == 'M' && bytes.get() == 'Z')
        return "programs are not accepted";
    return std::nullopt;
}

boost::asio::awaitable<void> receive_files(fairlead::session& sender, const drops_by_token& drops) {
    const auto token = co_await sender.receive();
    if (!token)
        co_return;
    const auto drop = drops.find(token->text());
    if (drop == drops.end()) {
        fairlead::file_receiver::refuse(sender, "unknown token");
        co_return;
    }
    co_await drop->second(sender);
}

int main(int argc, char** argv) {
    drops_by_token drops;
    for (int i = 2; i < argc; ++i) {
        const std::string user = argv[i];
        const auto split = user.find('=');
        if (split == 0 || split == std::string::npos)
            continue;
        const fairlead::file_receiver_options options{
            .directory = user.substr(split + 1), .max_uploads = 64, .on_received = refuse_programs};
        drops.try_emplace(user.substr(0, split), options);
    }
    if (drops.empty())
        return std::cerr << "usage: 10_file_drop URL TOKEN=DIRECTORY…\n", 2;
    fairlead::server server;
    const auto serve = [&](fairlead::session& sender) { return receive_files(sender, drops); };
    std::cout << "listening " << server.listen(argv[1], fairlead::length_prefixed{}, serve).to_string() << std::endl;
    return server.run();
}
