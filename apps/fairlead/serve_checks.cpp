#include "serve_checks.hpp"

#include "answer_check.hpp"
#include "chat/chat_text.hpp"
#include "config/fault_place.hpp"
#include "framing_in_parts.hpp"
#include "same_sockets.hpp"

#include <fairlead/framing/parse.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/reply.hpp>
#include <fairlead/handlers/uppercase.hpp>
#include <fairlead/url.hpp>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace fairlead::command {

namespace {

bool has_datagrams(const planned_listener& listener) {
    const auto& urls = listener.options.listen;
    return std::any_of(urls.begin(), urls.end(), is_of_datagrams);
}

bool is_of_websocket(const std::string& each) {
    return url::parse(each).websocket;
}

bool has_streams(const planned_listener& listener) {
    const auto& urls = listener.options.listen;
    return !std::all_of(urls.begin(), urls.end(), is_of_datagrams);
}

void check_urls(const planned_listener& listener) {
    for (const std::string& each : listener.options.listen)
        url::parse(each);
}

void check_framing(const planned_listener& listener) {
    if (listener.handler == "files" && listener.has("framing"))
        throw std::invalid_argument{"--framing does not go with files: their protocol has its own; leave it out"};
    parse_framing(listener.options.framing, listener.options.max_message);
}

void check_transport(const planned_listener& listener) {
    if (listener.has("framing") && !has_streams(listener))
        throw std::invalid_argument{
            "--framing does not go with UDP alone: a datagram is a message already; leave it out"};
    const auto& urls = listener.options.listen;
    const auto needs_no_framing = [](const std::string& each) {
        return is_of_datagrams(each) || is_of_websocket(each);
    };
    if (listener.has("framing") && std::all_of(urls.begin(), urls.end(), needs_no_framing))
        throw std::invalid_argument{
            "--framing does not go with WebSocket, which divides messages by itself; leave it out, "
            "or give --ws-text for text"};
    const auto& groups = listener.options.udp.groups;
    if (!groups.empty() && !has_datagrams(listener))
        throw std::invalid_argument{"--multicast is for datagrams; say where to hear them, such as with "
                                    "--listen udp://0.0.0.0:9000, beside group " +
                                    groups.front().address};
}

void check_websocket(const planned_listener& listener) {
    listener.options.web.settings(listener.options.listen);
}

void check_limits(const planned_listener& listener) {
    validate(listener.options.limits);
}

void check_tls(const planned_listener& listener) {
    listener.options.tls.settings(listener.options.listen);
}

void require_fitting(const planned_listener& listener, const message_handler& answers) {
    for (const std::string& each : listener.options.listen) {
        if (!is_of_datagrams(each))
            require_sendable_answers(answers, framing_of(listener, url::parse(each)));
    }
    if (has_datagrams(listener))
        require_answers_for_datagrams(answers);
}

void check_handler(const planned_listener& listener) {
    const listener_options& options = listener.options;
    if (listener.handler == "echo")
        require_fitting(listener, echo(options.prefix));
    if (listener.handler == "uppercase")
        require_fitting(listener, uppercase());
    if (listener.handler == "reply" && !options.text)
        throw std::invalid_argument{"--text is required: the answer of the handler reply"};
    if (listener.handler == "reply")
        require_fitting(listener, reply(*options.text));
}

void check_files(const planned_listener& listener) {
#ifdef FAIRLEAD_FILES
    if (listener.handler != "files")
        return;
    if (listener.options.files.receiver.directory.empty())
        throw std::invalid_argument{"--directory is required: where the handler files stores them"};
    if (has_datagrams(listener))
        throw std::invalid_argument{"files cannot arrive as datagrams; listen at tcp://, tls:// or unix://"};
    const auto& urls = listener.options.listen;
    if (std::any_of(urls.begin(), urls.end(), is_of_websocket))
        throw std::invalid_argument{"files do not arrive over WebSocket; listen at tcp://, tls:// or unix://"};
    if (listener.options.max_message && *listener.options.max_message < 64 * 1024)
        throw std::invalid_argument{"--max-message is too small for files; use 64KiB or more"};
#else
    static_cast<void>(listener);
#endif
}

void require_connections(const planned_listener& listener) {
    if (has_datagrams(listener))
        throw std::invalid_argument{"a " + listener.handler +
                                    " needs connections; listen at tcp://, tls://, unix:// or ws://, not at udp://"};
}

void check_broker(const planned_listener& listener) {
    if (listener.handler == "chat")
        listener.options.broker.check();
}

void check_relay(const planned_listener& listener) {
    if (listener.handler != "relay")
        return;
    const listener_options& options = listener.options;
    require_connections(listener);
    options.relay.check(relay_front_of(listener));
    const auto reaches_itself = [target = url::parse(options.relay.to)](const std::string& text) {
        const url here = url::parse(text);
        const std::string path = target.path.substr(0, target.path.find('?'));
        return have_the_same_sockets(target, here) && (!are_paths_of_one_port(target, here) || path == here.path);
    };
    if (std::any_of(options.listen.begin(), options.listen.end(), reaches_itself))
        throw std::invalid_argument{"--to " + options.relay.to +
                                    " is where this relay listens itself; give another URL"};
}

void check_parts(const planned_listener& listener) {
    if (!is_of_any_size(listener))
        return;
    require_connections(listener);
    for (const std::string& each : listener.options.listen) {
        if (listener.handler == "source")
            listener.options.source.check(framing_of(listener, url::parse(each)));
    }
}

void check_chat(const planned_listener& listener) {
    if (listener.handler != "chat")
        return;
    require_connections(listener);
    for (const std::string& each : listener.options.listen) {
        const framing rules = framing_of(listener, url::parse(each));
        if (!try_to_encode(rules, "a") && !try_to_encode(rules, std::string(2 * max_chat_text, 'a')))
            continue;
        throw std::invalid_argument{
            (url::parse(each).websocket ? "WebSocket" : "--framing " + listener.options.framing) +
            " cannot carry the lines of a chat, of 1 to " + std::to_string(2 * max_chat_text) +
            " bytes; use line or length, and a larger --max-message"};
    }
}

void require_directory(const std::string& directory, const std::string& otherwise) {
    std::error_code failed;
    if (!directory.empty() && !std::filesystem::is_directory(directory, failed))
        throw std::invalid_argument{otherwise + directory + ": " + (failed ? failed.message() : "it is no directory")};
}

void check_directory(const planned_listener& listener) {
#ifdef FAIRLEAD_FILES
    if (listener.handler == "files")
        require_directory(listener.options.files.receiver.directory, "cannot receive files in ");
#else
    static_cast<void>(listener);
#endif
}

void check_web_files(const planned_listener& listener) {
    require_directory(listener.options.web.settings(listener.options.listen).files,
                      "--ws-files: cannot serve the files of ");
}

void check_relay_target(const planned_listener& listener) {
    if (listener.handler == "relay")
        listener.options.relay.make(relay_front_of(listener));
}

void check_broker_files(const planned_listener& listener) {
    if (listener.handler == "chat")
        static_cast<void>(listener.options.broker.make()); // it connects when it is started
}

void check_certificates(const planned_listener& listener) {
    const tls_server_options options = listener.options.tls.settings(listener.options.listen);
    if (!options.certificates.empty())
        validate(options);
}

void check_admin_token(const planned_process& process) {
    const std::string& file = process.options.admin.options.token_file;
    std::error_code failed;
    if (!file.empty() && !std::filesystem::exists(file, failed) && !failed)
        throw std::invalid_argument{"--admin-token: there is no file " + file};
}

// Does not open the file, because that would create it.
void check_audit_log(const planned_process& process) {
#ifdef FAIRLEAD_FILES
    const std::filesystem::path file = process.options.audit_log;
    std::error_code failed;
    if (std::filesystem::is_directory(file, failed))
        throw std::invalid_argument{"--audit-log: " + file.string() + " is a directory; name a file"};
    if (file.has_parent_path() && !std::filesystem::is_directory(file.parent_path(), failed))
        throw std::invalid_argument{"--audit-log: cannot open " + file.string() + ": " +
                                    (failed ? failed.message() : "its directory is no directory")};
#else
    static_cast<void>(process);
#endif
}

using process_check = void (*)(const planned_process&);
using listener_check = void (*)(const planned_listener&);

constexpr process_check of_start[] = {check_admin_token, check_audit_log};

// Run only if the URLs are right, except for check_framing and check_limits.
constexpr listener_check of_itself[] = {check_framing, check_limits, check_handler, check_chat,
                                        check_broker,  check_relay,  check_parts,   check_files};
constexpr listener_check of_urls[] = {check_transport, check_tls, check_websocket};
constexpr listener_check of_files[] = {check_directory, check_web_files, check_certificates, check_relay_target,
                                       check_broker_files};

class fault_list {
public:
    explicit fault_list(const serve_plan& plan) : plan_{plan}, faults_{plan.faults} {}

    template <class Part>
    bool run(void (*each)(const Part&), const Part& part) {
        try {
            each(part);
            return true;
        } catch (const std::invalid_argument& wrong) {
            if (plan_.path.empty())
                throw;
            faults_.push_back({place_of(wrong.what(), part.made), wrong.what()});
            return false;
        }
    }

    void finish() {
        if (!faults_.empty())
            throw config_error{plan_.path, std::move(faults_)};
    }

private:
    const serve_plan& plan_;
    std::vector<config_fault> faults_;
};

} // namespace

bool is_of_datagrams(const std::string& text) {
    return url::parse(text).transport == transport::udp;
}

framing framing_of(const planned_listener& listener, const url& at) {
#ifdef FAIRLEAD_FILES
    if (listener.handler == "files" && !at.websocket)
        return parse_framing(listener.options.files.framed() ? "length" : "raw", listener.options.max_message);
#endif
    const std::string text = at.websocket ? websocket_text(listener.options.web) : framing_text_of(listener);
    if (is_of_any_size(listener))
        return framing_in_parts(text, listener.options.max_message, any_size);
    if (listener.handler == "relay" && !listener.options.relay.to.empty())
        return listener.options.relay.front_messages(text, relay_front_of(listener));
    return parse_framing(text, listener.options.max_message);
}

bool is_of_any_size(const planned_listener& listener) {
    return listener.handler == "sink" || listener.handler == "source";
}

std::string framing_text_of(const planned_listener& listener) {
    return listener.handler == "relay" && !listener.has("framing") ? "raw" : listener.options.framing;
}

relay_front relay_front_of(const planned_listener& listener) {
    const listener_options& options = listener.options;
    return {.framing = framing_text_of(listener),
            .max_message = options.max_message,
            .limits = options.limits,
            .of_websocket = std::any_of(options.listen.begin(), options.listen.end(), is_of_websocket),
            .websocket = websocket_text(options.web)};
}

void check(const serve_plan& plan, check_depth depth) {
    fault_list faults{plan};
    for (const process_check each : of_start) {
        if (depth == check_depth::start)
            faults.run(each, *plan.process);
    }
    for (const auto& listener : plan.listeners) {
        if (listener->is_faulty) // its other faults would only follow from the first
            continue;
        const bool urls_are_right = faults.run(check_urls, *listener);
        bool right = urls_are_right;
        for (const listener_check each : of_urls)
            right = urls_are_right && faults.run(each, *listener) && right;
        for (const listener_check each : of_itself) {
            if (urls_are_right || each == check_limits || each == check_framing)
                right = faults.run(each, *listener) && right;
        }
        for (const listener_check each : of_files) {
            if (right && depth != check_depth::options)
                faults.run(each, *listener);
        }
    }
    faults.finish();
}

} // namespace fairlead::command
