#pragma once

#include "core/counted_memory.hpp"
#include "tls/client_context.hpp"
#include "tls/client_hello.hpp"
#include "tls/secure_stream.hpp"
#include "tls/server_context.hpp"
#include "tls/ssl_owner.hpp"
#include "tls/stream_bio.hpp"

#include <fairlead/transport/stream.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead {

class shard_core;

/// TLS over another stream.
///
///     session ◀── plain bytes ── tls_stream ◀── records ── inner stream ◀── peer
///
/// The first calls of `try_fill`, `try_write` or `handshake` make the handshake. A server creates no object of
/// OpenSSL before the ClientHello is whole: until then, a connection needs this object and the bytes that have
/// arrived. OpenSSL gets whole records only, so it holds no buffers between calls. Bytes of OpenSSL that the
/// inner stream does not take are kept and sent when it is writable; until then, `try_write` leaves the last
/// bytes to its caller.
///
/// `try_fill` returns `errc::closed` after the peer's close_notify, and `errc::truncated` if the peer ends
/// without one, also after `shutdown`. Other errors are those of `tls_category`, `tls_alert_category`,
/// `certificate_category` and of the inner stream; `explain` has details.
class tls_stream final : public secure_stream, private ssl_owner {
public:
    /// Makes the server's side.
    static std::unique_ptr<tls_stream> accept(shard_core& shard, std::unique_ptr<stream> inner,
                                              std::shared_ptr<const tls_server_context> context);

    /// Makes the client's side; `host` and `server` as for `tls_client_context::make_ssl`.
    ///
    /// Errors: throws as `make_ssl`.
    static std::unique_ptr<tls_stream> connect(shard_core& shard, std::unique_ptr<stream> inner,
                                               std::shared_ptr<const tls_client_context> context,
                                               const std::string& host, const std::string& server);

    ~tls_stream() override;

    result<void> receive_hello(std::size_t most) override;
    std::size_t hello_size() const noexcept override { return wire_.received.size(); }
    result<void> handshake() override;
    bool begun() const noexcept override { return ssl_ || !wire_.received.empty(); }
    void release() noexcept override;

    /// Returns details of the error that ended the stream, such as the bytes of a peer that speaks another
    /// protocol, or the refused certificate.
    std::string explain() const override { return explanation_ ? *explanation_ : std::string{}; }
    std::optional<tls_info> tls() const override { return info(); }

    /// Returns the result of the handshake, also after the end of the stream. All of it is empty before the
    /// sides have chosen a cipher.
    tls_info info() const;

    /// Returns about how many bytes OpenSSL holds for this stream. They count for the budget of the shard's buffers.
    std::size_t held() const noexcept { return held_.bytes(); }

    result<std::size_t> try_fill(byte_buffer& input, std::size_t most) override;
    bool drained() const noexcept override;
    result<std::size_t> try_write(bytes_view bytes) override { return try_write_both(bytes, {}); }
    result<std::size_t> try_write_both(bytes_view head, bytes_view body) override;
    event& readable() noexcept override { return inner_->readable(); }
    event& writable() noexcept override { return inner_->writable(); }
    void look_again() noexcept override { inner_->look_again(); }
    void shutdown() noexcept override;
    void close() noexcept override;
    endpoint local() const override { return inner_->local(); }
    endpoint remote() const override { return inner_->remote(); }
    endpoint transport_remote() const override { return inner_->transport_remote(); }
    std::optional<proxy_info> proxy() const override { return inner_->proxy(); }
    int native_handle() const noexcept override { return inner_->native_handle(); }

private:
    //  hello ──ClientHello is whole──▶ greeted ──▶ handshake ──▶ open          any ──error──▶ failed
    enum class phase : std::uint8_t { hello, greeted, handshake, open, failed };

    //  open ──shutdown──▶ ending ──all is sent──▶ ended            any ──close──▶ closed
    enum class output : std::uint8_t { open, ending, ended, closed };

    /// Waits for an event of the inner stream.
    class waiter final : public event::waiter {
    public:
        waiter(tls_stream& of, void (tls_stream::*then)()) noexcept : of_{of}, then_{then} {}
        void wait_for(event& awaited) noexcept;
        void stop(event& awaited) noexcept;

    private:
        void leave(bool resumed) override;

        tls_stream& of_;
        void (tls_stream::*const then_)();
        bool waiting_ = false;
    };

    tls_stream(shard_core& shard, std::unique_ptr<stream> inner);

    void attach(ssl_ptr ssl);
    error_code collect_hello(std::size_t most);
    void answer_hello();
    error_code shake_hands();
    error_code fill_wire(std::size_t most);
    error_code fetch_record(std::size_t most);
    error_code refuse_record();
    result<std::size_t> read_records(byte_buffer& input, std::size_t most);
    error_code read_record(byte_buffer& input, std::size_t most, std::size_t& got);
    std::size_t write_records(bytes_view head, bytes_view body);
    bool write_record(bytes_view plain);
    std::size_t bytes_to_offer_again() const noexcept;
    result<std::size_t> hand_on() noexcept;
    bool flush() noexcept;
    error_code note_silent_record() noexcept;
    void pause_reading();

    void write_more();
    void read_more();

    error_code end_input(error_code why) noexcept;
    void explain_as(std::string_view words) noexcept;
    error_code fail(error_code why, std::string_view words = {}) noexcept;
    error_code fail_by_openssl() noexcept;

    void certificate_refused(X509_STORE_CTX* store) noexcept override;
    void session_given(ssl_session_ptr session) noexcept override;

    shard_core& shard_;
    const std::unique_ptr<stream> inner_;
    std::shared_ptr<const tls_server_context> server_;
    std::shared_ptr<const tls_client_context> client_;
    std::string session_key_;
    tls_wire wire_;
    counted_memory held_;
    ssl_ptr ssl_; // it uses the wire
    client_hello hello_;
    waiter flusher_{*this, &tls_stream::write_more};
    waiter handshaker_{*this, &tls_stream::read_more};
    error_code input_end_;                                 // why nothing more can be read
    error_code output_failure_;                            // why nothing more can be written
    std::size_t not_taken_ = 0;                            // bytes to be offered again that are encrypted already
    std::chrono::steady_clock::time_point silent_until_{}; // when records without data no longer count
    std::unique_ptr<const std::string> explanation_;
    std::shared_ptr<tls_stream*> paused_; // for a posted task that may outlive this
    phase phase_ = phase::hello;
    output output_ = output::open;
    bool held_back_ = false; // reading waits until unsent bytes are gone
};

} // namespace fairlead
