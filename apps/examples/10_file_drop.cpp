// A file drop: the first message of a sender is a token, which tells whose directory its files go to. Senders that use
// `send_files` say it in `connect_options::on_connected` (docs/clients.md).
//
//     $ 10_file_drop tcp://127.0.0.1:9000 s3cret /srv/ann 0ther /srv/ben &
//     $ fairlead send tcp://127.0.0.1:9000 --token ann.token sunset.jpg      # the file has the token

#include <fairlead/fairlead.hpp>

#include <iostream>
#include <map>

using drops_by_token = std::map<std::string, fairlead::file_receiver, std::less<>>;

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
    if (argc < 4 || argc % 2 != 0)
        return std::cerr << "usage: 10_file_drop URL TOKEN DIRECTORY [TOKEN DIRECTORY]…\n", 2;
    drops_by_token drops; // before the server: they outlive all handlers
    for (int i = 2; i < argc; i += 2) {
        const fairlead::file_receiver_options options{.directory = argv[i + 1], .max_uploads = 64};
        drops.try_emplace(argv[i], options);
    }
    fairlead::server server;
    const auto serve = [&](fairlead::session& sender) { return receive_files(sender, drops); };
    std::cout << "listening " << server.listen(argv[1], fairlead::length_prefixed{}, serve).to_string() << std::endl;
    return server.run();
}
