#include "client_tls.hpp"
#include "command.hpp"
#include "config/read_file.hpp"
#include "interruption.hpp"
#include "options.hpp"
#include "output.hpp"
#include "printable_json.hpp"
#include "progress_bar.hpp"
#include "quantity.hpp"

#include <fairlead/file_transfer/file_name.hpp>
#include <fairlead/file_transfer/send_files.hpp>
#include <fairlead/printable.hpp>
#include <fairlead/url.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::command {

namespace {

struct send_options {
    std::string url;
    std::vector<std::string> files;
    std::optional<std::string> name;
    std::size_t retries = send_files_options{}.retries;
    std::chrono::milliseconds timeout = send_files_options{}.reply_timeout;
    bool json = false;
    client_tls tls;
    std::optional<std::string> token_file;
};

std::string shown(const std::string& text) {
    return printable(bytes_view{text});
}

std::vector<file_to_send> files_to_send(const send_options& options) {
    if (options.name && options.files.size() > 1)
        throw std::invalid_argument{"--name is for one file, but there are " + std::to_string(options.files.size()) +
                                    "; send that one by itself"};
    std::vector<file_to_send> files;
    std::map<std::string, std::string> taken; // names, and the paths that have them
    for (const std::string& path : options.files) {
        if (path == "-" && !options.name)
            throw std::invalid_argument{"standard input has no name; give it one with --name"};
        file_to_send file{.path = path, .name = options.name.value_or(std::string{local_name(path)})};
        const auto [earlier, is_new] = taken.emplace(file.name, path);
        if (!is_new && !file.name.empty())
            throw std::invalid_argument{shown(earlier->second) + " and " + shown(path) + " would both be stored as " +
                                        shown(file.name) + "; send one of them by itself with --name"};
        files.push_back(std::move(file));
    }
    return files;
}

/// Reports the outcome of each file, and shows its progress.
class send_report {
public:
    send_report(bool json, std::size_t files, std::chrono::milliseconds timeout)
        : json_{json}, files_{files}, timeout_{timeout} {}

    void show(const send_progress& progress) { bar_.show(progress); }

    void tell_of_retry(std::string_view why, std::chrono::milliseconds pause) {
        bar_.show(shown(std::string{why}) + "; trying again in " + to_text(pause));
    }

    void tell(const sent_file& file) {
        bar_.erase();
        stored_ += file.stored ? 1 : 0;
        if (json_)
            print(as_json(file));
        else if (file.stored)
            print("stored " + shown(file.name) + " " + std::to_string(file.size) + " " + file.hash);
        if (!file.stored)
            complain(file);
    }

    // Reports an interruption and returns the exit code.
    int conclude(bool interrupted) {
        bar_.erase();
        if (stored_ == files_)
            return 0;
        if (interrupted)
            std::cerr << "fairlead: interrupted, with " << stored_ << " of " << count(files_, "file", "files")
                      << " stored; the same command sends the rest\n";
        return 1;
    }

private:
    static std::string as_json(const sent_file& file) {
        nlohmann::ordered_json line{{"path", file.path}, {"name", file.name}, {"stored", file.stored}};
        if (file.stored) {
            line["size"] = file.size;
            line["hash"] = file.hash;
            line["durable"] = file.durable;
        } else {
            line["code"] = file.code;
            line["why"] = file.why;
            line["kept"] = file.kept;
        }
        return printable_json(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    }

    void complain(const sent_file& file) const {
        const bool interrupted = file.code == "interrupted";
        if (interrupted && file.kept == 0)
            return; // one line speaks for all of them
        std::string line = "fairlead: " + shown(file.path) + ": " + file.why;
        if (file.code == "name")
            line += "; give it another name with --name";
        if (file.code == "timeout")
            line += " (--timeout " + to_text(timeout_) + ")";
        if (file.kept != 0)
            line += "; the receiver keeps about " + rounded_size(static_cast<double>(file.kept)) +
                    ", and the same command resumes there";
        std::cerr << line + '\n'; // in one write, because the log goes there too
    }

    static void print(const std::string& line) {
        std::fwrite(line.data(), 1, line.size(), stdout);
        std::fputc('\n', stdout);
        std::fflush(stdout);
    }

    bool json_;
    std::size_t files_;
    std::chrono::milliseconds timeout_;
    std::size_t stored_ = 0;
    progress_bar bar_;
};

boost::asio::awaitable<void> send_all(shard& home, std::string url, std::vector<file_to_send> files,
                                      send_files_options how) {
    co_await send_files(home, std::move(url), std::move(files), std::move(how));
}

std::string read_token(const std::string& file) {
    std::string text = read_file(file);
    text.erase(text.find_last_not_of("\r\n") + 1);
    if (text.empty())
        throw std::invalid_argument{"--token " + file +
                                    ": the file is empty; it has the token that the receiver knows"};
    return text;
}

boost::asio::awaitable<result<void>> say(session& receiver, std::string token) {
    co_return receiver.send(token);
}

int send(const send_options& options) {
    const url address = url::parse(options.url);
    if (address.transport == transport::udp)
        throw std::invalid_argument{
            "files cannot be sent as datagrams, which may be lost; send to tcp://, tls:// or unix://"};
    if (address.websocket)
        throw std::invalid_argument{"files are not sent over WebSocket; send to tcp://, tls:// or unix://"};
    auto files = files_to_send(options);
    send_report report{options.json, files.size(), options.timeout};
    send_files_options how;
    how.connect.tls = options.tls.settings({options.url});
    if (options.token_file)
        how.connect.on_connected = [token = read_token(*options.token_file)](session& receiver) {
            return say(receiver, token);
        };
    how.reply_timeout = options.timeout;
    how.retries = static_cast<unsigned>(options.retries);
    how.on_progress = [&report](const send_progress& progress) { report.show(progress); };
    how.on_done = [&report](const sent_file& file) { report.tell(file); };
    how.on_retry = [&report](std::string_view why, std::chrono::milliseconds pause) {
        report.tell_of_retry(why, pause);
    };
    runtime home{1};
    std::signal(SIGPIPE, SIG_DFL); // Asio ignores it, and the reader of the output may leave
    how.interrupted = &note_interruption();
    home.run(send_all(home[0], options.url, std::move(files), how));
    const int code = report.conclude(*how.interrupted);
    flush_output();
    if (code != 0 && *how.interrupted)
        end_by_interruption();
    return code;
}

} // namespace

subcommand add_send(CLI::App& program) {
    const auto options = std::make_shared<send_options>();
    CLI::App* const sending = program.add_subcommand("send", "Send files to `fairlead serve files`");
    sending
        ->add_option("URL", options->url,
                     "the receiver, such as tcp://192.0.2.1:9000,\ntls://files.example:9000 or unix:///run/files.sock")
        ->required();
    refuse_empty(sending->add_option("FILE", options->files, "files to send; - is standard input, and needs --name"))
        ->required();
    refuse_empty(sending->add_option("--name", options->name, "the name at the receiver, for one file"))
        ->type_name("NAME");
    add_count(*sending, "--retries", options->retries,
              "attempts in a row without progress, after the connection broke\nor the receiver answered \"later\"");
    add_duration(*sending, "--timeout", options->timeout,
                 "for an answer of the receiver while it takes no bytes either;\n0: for ever");
    refuse_empty(sending->add_option(
                     "--token", options->token_file,
                     "the token that the receiver asks for, in a file of which the last line break is left out;\n"
                     "it is the first message of each connection"))
        ->type_name("FILE");
    add_client_tls(*sending, options->tls);
    sending->add_flag("--json", options->json, "report each file as one JSON object on a line of its own");
    sending->footer(
        "Each stored file is reported on stdout: stored NAME SIZE HASH. HASH is that of xxh128sum. The file is\n"
        "then complete, checked and on the receiver's disk. Each failure is a line on stderr and exit code 1.\n"
        "\n"
        "When the connection breaks, the command reconnects and resumes the file. The same command resumes it\n"
        "later, also after Ctrl-C. A pipe can be read only once, so it cannot be resumed.\n"
        "\n"
        "Examples:\n"
        "  fairlead send tcp://127.0.0.1:9003 report.pdf photo.jpg\n"
        "  tar -c docs | fairlead send tls://files.example:9003 - --name docs.tar");
    return {sending, [=] { return send(*options); }};
}

} // namespace fairlead::command
