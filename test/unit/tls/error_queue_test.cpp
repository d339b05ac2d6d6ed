// The queue of errors that OpenSSL keeps for each thread: a stream leaves nothing there, and minds nothing that another part of
// the program has left there.

#include "support/tls_fixture.hpp"
#include "support/tls_hello.hpp"

#include <array>
#include <string_view>

using namespace std::literals;

namespace fairlead::test {

namespace {

enum class stage { silent, half_a_hello, handshake, broken_handshake, open, broken_record, no_record, tickets, ended };

struct operation {
    const char* name;
    std::string (*run)(tls_end&);
};

template <class T>
std::string words(const result<T>& outcome) {
    return outcome ? "done" : outcome.error().message();
}

std::string read_some(tls_end& end) {
    byte_buffer input;
    const auto got = end.tls->try_fill(input, stream::plenty);
    return words(got) + ' ' + to_string(input.data());
}
std::string write_some(tls_end& end) {
    return words(end.tls->try_write("hello"));
}
std::string write_both(tls_end& end) {
    return words(end.tls->try_write_both("hello ", "there"));
}
std::string receive_hello(tls_end& end) {
    return words(end.tls->receive_hello(stream::plenty));
}
std::string go_on_with_handshake(tls_end& end) {
    return words(end.tls->handshake());
}
std::string ask(tls_end& end) {
    return end.tls->info().cipher + end.tls->explain() + (end.tls->drained() ? " drained" : "");
}
std::string shut_down(tls_end& end) {
    end.tls->shutdown();
    return {};
}
std::string close(tls_end& end) {
    end.tls->close();
    return {};
}
std::string destroy(tls_end& end) {
    end.transport.reset();
    return {};
}

constexpr std::array operations{operation{"try_fill", read_some},
                                operation{"try_write", write_some},
                                operation{"try_write_both", write_both},
                                operation{"receive_hello", receive_hello},
                                operation{"handshake", go_on_with_handshake},
                                operation{"questions", ask},
                                operation{"shutdown", shut_down},
                                operation{"close", close},
                                operation{"the destructor", destroy}};

// What a peer has sent comes by several reads.
constexpr int times = 4;

class error_queue : public tls_fixture, public ::testing::WithParamInterface<stage> {
protected:
    /// A server's stream in that stage, or that of a client which has not read its tickets.
    tls_end make_stream() {
        tls_end server = make_server(server_context);
        const auto receive = [&](std::string_view bytes) {
            server.far.send(bytes);
            read_all(*server.tls, last);
        };
        switch (GetParam()) {
        case stage::silent: return server;
        case stage::half_a_hello: receive(hello.substr(0, 50)); return server;
        case stage::handshake: receive(hello); return server;
        case stage::broken_handshake:
            receive(hello);
            server.far.send("\x17\3\3\0\5hello"sv);
            return server;
        default: break;
        }
        tls_end client = make_client(client_context);
        EXPECT_EQ(shake_hands(server, client), std::pair(error_code{}, error_code{}));
        if (GetParam() == stage::tickets)
            return client;
        client.tls->try_write("a message").value();
        std::string record = client.far.received().substr(client.carried);
        if (GetParam() == stage::broken_record)
            record.back() = static_cast<char>(record.back() ^ 1);
        server.far.send(GetParam() == stage::no_record ? "GET / HTTP/1.1\r\n\r\n" : record);
        if (GetParam() == stage::ended)
            server.far.end();
        return server;
    }

    std::string hello = make_client_hello("echo.example");
    const std::shared_ptr<const tls_server_context> server_context = tls_server_context::load(server_options());
    const std::shared_ptr<const tls_client_context> client_context = tls_client_context::load(client_options());
    error_code last;
};

} // namespace

TEST_P(error_queue, is_empty_behind_every_operation) {
    for (const operation& each : operations) {
        tls_end server = make_stream();
        for (int i = 0; i < times && server.transport; ++i) {
            each.run(server);
            EXPECT_EQ(ERR_peek_error(), 0u) << each.name << " left: " << openssl_reason();
            ERR_clear_error();
            run_ready(home);
        }
        server.transport.reset();
        EXPECT_EQ(ERR_peek_error(), 0u) << "the end behind " << each.name << " left: " << openssl_reason();
        ERR_clear_error();
    }
}

TEST_P(error_queue, may_have_an_error_of_another_part_of_the_program) {
    for (const operation& each : operations) {
        tls_end usual = make_stream(), disturbed = make_stream();
        for (int i = 0; i < times && usual.transport; ++i) {
            const std::string expected = each.run(usual);
            ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE);
            EXPECT_EQ(each.run(disturbed), expected) << each.name;
            ERR_clear_error();
            run_ready(home);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(stages, error_queue,
                         ::testing::Values(stage::silent, stage::half_a_hello, stage::handshake,
                                           stage::broken_handshake, stage::open, stage::broken_record, stage::no_record,
                                           stage::tickets, stage::ended));

} // namespace fairlead::test
