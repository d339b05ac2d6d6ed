#include "load/load_options.hpp"

#include "answer_check.hpp"
#include "quantity.hpp"
#include "websocket_options.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/parse.hpp>

#include <algorithm>
#include <stdexcept>

namespace fairlead::command {

namespace {

constexpr std::size_t most_in_datagram = 65'507;
constexpr std::size_t least_numbered_datagram = 8;
constexpr std::size_t most_pipeline = 65'536;
constexpr std::size_t most_threads = 256;
constexpr std::size_t most_bytes = 1u << 30; // the load holds whole messages

void require(bool holds, const std::string& otherwise) {
    if (!holds)
        throw std::invalid_argument{otherwise};
}

bool has(const load_plan& plan, bool datagrams) {
    return std::ranges::any_of(plan.targets,
                               [=](const url& each) { return (each.transport == transport::udp) == datagrams; });
}

// Raises the framing's own limit if --size asks for larger messages. Checks the sizes here, so that a fault
// is not reported for every message.
framing framing_for(const load_plan& plan, const std::string& text) {
    const payload messages{{plan.sizes.most, plan.sizes.most}, alphabet_for(plan.framing_name)};
    const bytes_view largest = messages.message(0, 0);
    framing rules = parse_framing(text);
    if (largest.size() > line_options{}.max_message && try_to_encode(rules, largest) == errc::message_too_large)
        rules = parse_framing(text, largest.size());
    for (const std::size_t size : {plan.sizes.least, plan.sizes.most}) {
        if (const error_code failed = try_to_encode(rules, largest.first(size)))
            throw std::invalid_argument{"framing " + plan.framing_name + " cannot carry messages of " +
                                        to_text(plan.sizes) + ": " + failed.message()};
    }
    return rules;
}

void check_numbers(const load_plan& plan) {
    require(plan.sizes.most <= most_bytes, "--size is at most " + to_text(most_bytes));
    require(plan.connections >= 1, "--connections is at least 1");
    require(plan.pipeline >= 1 && plan.pipeline <= most_pipeline,
            "--pipeline is from 1 to " + std::to_string(most_pipeline));
    require(plan.threads >= 1 && plan.threads <= std::min(most_threads, plan.connections),
            "--threads is from 1 to " + std::to_string(most_threads) + ", and no more than there are connections");
    require(plan.duration.count() > 0, "--duration is more than 0");
    require(plan.stream_timeout.count() > 0 && plan.datagram_timeout.count() > 0, "--timeout is more than 0");
}

// With `fixed:SIZE`, messages have this size unless --size asks for another one, which `framing_for` refuses.
void choose_framing(load_plan& plan, const load_options& options, const given_options& given) {
    const bool streams = has(plan, false);
    require(streams || !given.framing,
            "--framing does not go with datagrams, each of which is a message; leave it out");
    const auto of_websocket = std::ranges::find_if(plan.targets, &url::websocket);
    const std::string text = of_websocket == plan.targets.end()
                                 ? options.framing
                                 : framing_text_for(*of_websocket, options.framing, given.framing, "websocket");
    plan.framing_name = parse_framing(text).to_string();
    if (streams && !given.size && plan.framing_name.starts_with("fixed:"))
        plan.sizes.least = plan.sizes.most = parse_size(plan.framing_name.substr(6));
    if (!streams)
        return;
    require(!plan.is_raw() || plan.sizes.least > 0,
            "--size is at least 1 with framing raw, which has no empty messages");
    plan.rules = framing_for(plan, text);
}

void check_datagrams(const load_plan& plan) {
    if (!has(plan, true))
        return;
    require(plan.sizes.most <= most_in_datagram,
            "a datagram carries at most " + std::to_string(most_in_datagram) + " bytes");
    require(!plan.check || plan.sizes.least >= least_numbered_datagram,
            "--check needs datagrams of at least " + std::to_string(least_numbered_datagram) +
                " bytes: each begins with its number, for replies may come in any order");
}

} // namespace

load_plan plan_of(const load_options& options, const given_options& given) {
    load_plan plan = options.plan;
    for (const std::string& each : options.urls)
        plan.targets.push_back(url::parse(each));
    plan.tls = options.tls.settings(options.urls);
    plan.tls.handshake_timeout = std::chrono::milliseconds{0}; // `stream_timeout` is enough
    plan.sizes = parse_size_range(options.size);
    require(!given.rate || options.rate > 0, "--rate is at least 1 message a second");
    if (given.rate)
        plan.rate = options.rate;
    if (given.timeout)
        plan.stream_timeout = plan.datagram_timeout = options.timeout;
    check_numbers(plan);
    choose_framing(plan, options, given);
    check_datagrams(plan);
    return plan;
}

} // namespace fairlead::command
