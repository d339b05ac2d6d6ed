#include "fuzz/fuzz_input.hpp"
#include "support/file_uploads.hpp"

#include <fairlead/logging.hpp>

#include <spdlog/logger.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <set>
#include <string>
#include <string_view>

using namespace fairlead;
using namespace fairlead::file_transfer;
using namespace fairlead::test;

namespace {

constexpr std::array errors{EIO, ENOSPC, EROFS, EDQUOT};
constexpr std::array names{"a", "b", "../a", "c.txt"};
constexpr std::array policies{existing_file::reject, existing_file::number, existing_file::replace};

/// What a sender may say: mostly what is right for the file of an id, and now and then what is not.
class sender_script {
public:
    explicit sender_script(fuzz_input& choices) : choices_{choices} {}

    message next() {
        const unsigned char choice = choices_.byte();
        if (choice < 64)
            return offered();
        const file_id id = choices_.below(8) == 0 ? static_cast<file_id>(choices_.below(last_ + 2)) : last_;
        if (choice < 120)
            return end_of(id, file_of(id));
        if (choice < 124)
            return abandon{.id = id};
        return next_piece(id);
    }

    /// Another connection begins.
    void begin_again() {
        last_ = 0;
        sent_.clear();
    }

    /// The hashes of all files that it ever told to be whole.
    static const std::set<std::string>& told() {
        static const std::set<std::string> hashes{digest_of(files[0]).to_string(), digest_of(files[1]).to_string(),
                                                  digest_of(files[2]).to_string(), digest_of(files[3]).to_string()};
        return hashes;
    }

private:
    static constexpr std::array<std::string_view, 4> files{"", "abc", "xyzabcde", "xyzABCDE"};

    bool rarely() { return choices_.below(16) == 0; }

    std::string_view file_of(file_id id) { return files[rarely() ? choices_.below(files.size()) : id % files.size()]; }

    message offered() {
        if (!rarely())
            ++last_;
        offer what{.id = last_, .name = names[choices_.below(names.size())]};
        if (choices_.flag())
            what.size = file_of(last_).size();
        if (choices_.flag())
            what.hash = digest_of(file_of(last_));
        if (choices_.flag())
            what.resume = choices_.flag() ? "one" : "two";
        if (choices_.flag())
            what.mtime_ns = 1;
        return what;
    }

    message next_piece(file_id id) {
        const std::string_view file = file_of(id);
        std::size_t& sent = sent_[id];
        const std::size_t offset = rarely() ? choices_.below(file.size() + 1) : std::min(sent, file.size());
        piece part = piece_of(id, offset, file.substr(offset, choices_.below(9)));
        sent = offset + part.bytes.size();
        if (rarely())
            ++part.check;
        return part;
    }

    fuzz_input& choices_;
    std::map<file_id, std::size_t> sent_;
    file_id last_ = 0;
};

void check(const fake_receiver& receiver, const std::set<std::string>& told, bool durable) {
    for (const auto& [name, file] : receiver.disk.names) {
        expect(told.contains(digest_of(file->bytes).to_string()), "a name stands for no whole file");
        expect(name != "../a", "a name that is against the rules");
    }
    if (durable)
        expect(!receiver.disk.published_before_sync, "a file got its name before it was on the disk");
}

void check(const fake_receiver& receiver, const message& reply, bool durable) {
    const auto* const done = std::get_if<stored>(&reply);
    if (!done)
        return;
    const auto found = receiver.disk.names.find(done->name);
    expect(found != receiver.disk.names.end(), "stored, and not there");
    expect(!durable || receiver.disk.names_on_disk.contains(done->name), "stored, and its name not on the disk");
    expect(done->durable == durable, "told to be durable, and is not");
    expect(found->second->bytes.size() == done->size, "stored with another size than was told");
}

} // namespace

// Whatever a sender says, in whatever order, and whichever call to the disk fails: a name stands for a whole file that is on
// the disk, and nothing is called stored that is not; and a sender that does all right gets its file stored.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    logger()->set_level(spdlog::level::off);
    fuzz_input choices{{data, size}};
    const bool durable = choices.flag();
    fake_receiver receiver{{.existing = policies[choices.below(policies.size())],
                            .durable = durable,
                            .max_file_size = choices.flag() ? 5u : 0u,
                            .min_free_space = 0}};
    const auto failing = static_cast<unsigned>(choices.below(64));
    receiver.disk.fail_at(failing, errors[choices.below(errors.size())]);
    sender_script script{choices};
    while (!choices.empty()) {
        fake_sender sender{receiver};
        script.begin_again();
        while (!choices.empty() && !sender.broken() && choices.below(32) != 0) {
            std::vector<message> together;
            for (std::size_t count = choices.below(4) + 1; count != 0; --count)
                together.push_back(script.next());
            for (const message& reply : sender.say_together(together))
                check(receiver, reply, durable);
            check(receiver, sender_script::told(), durable);
        }
    }

    receiver.disk.fail_at(0, 0);
    fake_sender good{receiver};
    good.say(offer{.id = 1, .name = "good", .size = 3});
    good.say(piece_of(1, 0, "abc"));
    const auto last = good.say(end_of(1, "abc"));
    expect(last.size() == 1 && std::holds_alternative<stored>(last.front()), "a file that came right was not stored");
    expect(receiver.disk.names.at("good")->bytes == "abc", "a file that came right is another one");
    expect(receiver.state.limits.open_now() == 0, "an upload that ended keeps its place");
    return 0;
}
