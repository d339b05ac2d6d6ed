#pragma once

#include "datagram/datagram_path.hpp"
#include "datagram/reply_rules.hpp"
#include "datagram/udp_outlet.hpp"
#include "peer/handle_target.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace fairlead {

/// A remote address and the UDP socket that sends to it.
class datagram_target final : public handle_target {
public:
    /// `budget` limits the replies; nullopt for a peer that the program knows.
    datagram_target(std::shared_ptr<udp_outlet> through, const datagram_path& path,
                    std::optional<amplification_budget> budget)
        : through_{std::move(through)}, path_{path}, budget_{budget} {}

    /// Thread safety: the thread of the socket.
    amplification_budget& budget() noexcept { return *budget_; }

    result<void> send(bytes_view message) override {
        std::shared_ptr<amplification_budget> budget;
        if (budget_)
            budget = {shared_from_this(), &*budget_};
        return through_->send(path_, message, std::move(budget));
    }
    void close() override {}
    void abort(error_code) override {}
    std::uint64_t id() const noexcept override { return 0; }
    endpoint remote() const override { return path_.peer(); }
    bool expired() const noexcept override { return !through_->is_open(); }
    std::size_t hash() const noexcept override { return remote().hash(); }
    bool is_same(const handle_target& other) const noexcept override {
        const auto* const datagrams = dynamic_cast<const datagram_target*>(&other);
        return datagrams && datagrams->through_->local() == through_->local() && datagrams->remote() == remote();
    }

private:
    const std::shared_ptr<udp_outlet> through_;
    const datagram_path path_;
    std::optional<amplification_budget> budget_;
};

} // namespace fairlead
