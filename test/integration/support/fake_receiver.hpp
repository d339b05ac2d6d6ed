#pragma once

#include "file_transfer/message.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace fairlead::test {

/// What a receiver does wrong on one connection.
struct misbehaviour {
    std::optional<std::uint64_t> close_after = {}; ///< bytes of files
    bool loses_answers = false;                    ///< ends the connection in place of the first `stored`
    bool says_nothing = false;
    std::optional<std::uint64_t> says_nothing_after = {}; ///< bytes of files
    bool forgets = false;                                 ///< what it kept
    bool has_something_else = false;                      ///< in place of what it kept
    bool wants_first_piece_twice = false;
    bool wants_all_again_at_the_end = false;
    std::optional<file_transfer::refusal> refusal = {}; ///< of every offer
    std::string says = {};                              ///< in place of the first answer
    std::optional<std::string> login = {};              ///< the answer to a first message; empty: none
};

/// A receiver in memory that does on each connection what it is told, and all well once that is used up.
class fake_receiver {
public:
    explicit fake_receiver(std::vector<misbehaviour> connections = {})
        : state_{std::make_shared<state>(std::move(connections))}, server_{rules(), serving(state_)} {}

    std::string url() const { return server_.where().to_string(); }

    // To be looked at once `send_files` is done:
    std::map<std::string, std::string> stored() { return stop().stored; }
    std::vector<file_transfer::offer> offers() { return stop().offers; }
    std::size_t connections() { return stop().connections; }
    std::uint64_t received() { return stop().received; } ///< bytes of files, those that came again included
    std::size_t abandoned() { return stop().abandoned; }

private:
    struct state {
        explicit state(std::vector<misbehaviour> connections_to_come) : plans{std::move(connections_to_come)} {}
        std::vector<misbehaviour> plans;
        std::size_t connections = 0;
        std::vector<file_transfer::offer> offers = {};
        std::map<std::string, std::string> kept = {};
        std::map<std::string, std::string> stored = {};
        std::uint64_t received = 0;
        std::size_t abandoned = 0;
    };
    struct open_file {
        file_transfer::offer what;
        std::string bytes;
        bool asked_again = false;
    };
    using open_files = std::map<file_transfer::file_id, open_file>;

    static framing rules() { return length_prefixed{{.max_message = 2 * 1024 * 1024}}; }
    static session_handler serving(std::shared_ptr<state> here) {
        return [here](session& peer) { return serve(peer, here); };
    }

    const state& stop() {
        server_.stop();
        return *state_;
    }

    static boost::asio::awaitable<void> serve(session& peer, std::shared_ptr<state> here) {
        const std::size_t number = here->connections++;
        const misbehaviour plan = number < here->plans.size() ? here->plans[number] : misbehaviour();
        if (plan.login) {
            const auto name = co_await peer.receive();
            if (name && !plan.login->empty())
                peer.send(*plan.login);
        }
        open_files open;
        std::uint64_t taken = 0;
        while (const auto came = co_await peer.receive()) {
            const auto read = file_transfer::read_message(*came);
            const auto* const what = std::get_if<file_transfer::message>(&read);
            if (!what || !answer(peer, *here, plan, open, taken, *what))
                break;
        }
        for (auto& [id, each] : open)
            here->kept[each.what.resume] = each.bytes;
    }

    // Whether the connection goes on.
    static bool answer(session& peer, state& here, const misbehaviour& plan, open_files& open, std::uint64_t& taken,
                       const file_transfer::message& what) {
        if (plan.says_nothing || taken >= plan.says_nothing_after.value_or(taken + 1))
            return true;
        if (!plan.says.empty()) {
            peer.send(plan.says);
            return true;
        }
        if (const auto* const offered = std::get_if<file_transfer::offer>(&what)) {
            here.offers.push_back(*offered);
            accept(peer, here, plan, open, *offered);
        } else if (const auto* const part = std::get_if<file_transfer::piece>(&what)) {
            here.received += part->bytes.size();
            taken += part->bytes.size();
            take(peer, plan, open.at(part->id), *part);
            return taken < plan.close_after.value_or(taken + 1);
        } else if (const auto* const ended = std::get_if<file_transfer::finish>(&what)) {
            return finish(peer, here, plan, open, *ended);
        } else if (const auto* const taken_back = std::get_if<file_transfer::abandon>(&what)) {
            ++here.abandoned;
            open.erase(taken_back->id);
        }
        return true;
    }

    static void accept(session& peer, state& here, const misbehaviour& plan, open_files& open,
                       const file_transfer::offer& what) {
        using namespace file_transfer;
        const auto there = here.stored.find(what.name);
        if (what.hash && there != here.stored.end() && digest_of(there->second) == *what.hash)
            return reply(peer, file_transfer::stored{
                                   .id = what.id, .name = what.name, .size = there->second.size(), .hash = *what.hash});
        if (plan.refusal) {
            auto refused = *plan.refusal;
            refused.id = what.id;
            return reply(peer, refused);
        }
        open_file file{.what = what, .bytes = plan.forgets ? std::string{} : here.kept[what.resume]};
        if (plan.has_something_else)
            file.bytes = std::string(10, '?');
        file_transfer::accept accepted{.id = what.id, .offset = file.bytes.size(), .chunk = 64 * 1024};
        if (accepted.offset != 0)
            accepted.hash = digest_of(file.bytes);
        reply(peer, accepted);
        open.insert_or_assign(what.id, std::move(file));
    }

    static void take(session& peer, const misbehaviour& plan, open_file& file, const file_transfer::piece& part) {
        using namespace file_transfer;
        if (part.offset == 0)
            file.bytes.clear();
        if (part.offset != file.bytes.size() || part.check != check_of(part.bytes))
            return;
        if (plan.wants_first_piece_twice && !std::exchange(file.asked_again, true))
            return reply(peer, again{.id = part.id, .offset = part.offset});
        file.bytes += part.bytes.text();
    }

    static bool finish(session& peer, state& here, const misbehaviour& plan, open_files& open,
                       const file_transfer::finish& what) {
        using namespace file_transfer;
        open_file& file = open.at(what.id);
        if (plan.wants_all_again_at_the_end && !std::exchange(file.asked_again, true)) {
            reply(peer, again{.id = what.id, .offset = 0});
            return true;
        }
        if (file.bytes.size() != what.size || digest_of(file.bytes) != what.hash)
            return plan.wants_first_piece_twice; // pieces behind the one that is wanted again were passed over
        here.stored[file.what.name] = file.bytes;
        if (plan.loses_answers) {
            open.erase(what.id);
            return false;
        }
        reply(peer, file_transfer::stored{
                        .id = what.id, .name = file.what.name, .size = file.bytes.size(), .hash = *what.hash});
        open.erase(what.id);
        return true;
    }

    static void reply(session& peer, const file_transfer::message& what) { peer.send(write_message(what)); }

    std::shared_ptr<state> state_;
    running_server server_;
};

} // namespace fairlead::test
