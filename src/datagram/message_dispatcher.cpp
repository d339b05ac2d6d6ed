#include "datagram/message_dispatcher.hpp"

#include "datagram/datagram_target.hpp"
#include "log/log_exceptions.hpp"

#include <fairlead/malformed_message.hpp>

#include <memory>
#include <utility>

namespace fairlead {

/// The peer that sent one datagram.
class message_dispatcher::sender final : public peer {
public:
    sender(udp_endpoint& through, const datagram_path& path, std::size_t received)
        : endpoint_{through}, path_{path}, budget_{through.options().max_reply_ratio} {
        budget_.received(received);
    }

    result<void> send(bytes_view message) override {
        if (const auto sent = endpoint_.try_send(path_, message, later_ ? &later_->budget() : &budget_); !sent)
            return sent;
        endpoint_.count_message(message.size());
        return {};
    }

    void close() override {} // there is no connection to end

    endpoint remote() const override { return path_.peer(); }

    fairlead::shard& shard() noexcept override { return facade_of(endpoint_.shard()); }

    // Replies in the handler and later replies share one budget.
    peer_handle handle() override {
        if (!later_)
            later_ = std::make_shared<datagram_target>(endpoint_.outlet(), path_, budget_);
        return later_->handle();
    }

private:
    udp_endpoint& endpoint_;
    const datagram_path& path_;
    amplification_budget budget_;
    std::shared_ptr<datagram_target> later_;
};

void message_dispatcher::on_datagram(bytes_view bytes, const datagram_path& path) {
    shard_counters& counted = endpoint_.shard().counters();
    counted.messages_in.add();
    counted.bytes_in.add(bytes.size());
    counted.message_sizes.add(bytes.size());
    sender from{endpoint_, path, bytes.size()};
    try {
        handle_(bytes, from);
    } catch (const malformed_message& refused) {
        endpoint_.counters().dropped_malformed.add();
        log_warning(log_topic::message_dropped,
                    endpoint_.local().to_string() + ": a datagram from " + from.remote().to_string() +
                        " was dropped: " + escape(refused.what()),
                    {.peer = from.remote().to_string()});
    } catch (...) {
        endpoint_.counters().handler_failures.add();
        log_error(log_topic::handler_failed,
                  endpoint_.local().to_string() + ": the handler of a datagram from " + from.remote().to_string() +
                      " threw: " + escape(describe_exception(std::current_exception())),
                  {.peer = from.remote().to_string()});
    }
}

} // namespace fairlead
