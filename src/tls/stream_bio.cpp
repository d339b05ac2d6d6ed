#include "tls/stream_bio.hpp"

#include <algorithm>
#include <cstring>

namespace fairlead {

namespace {

tls_wire& wire_of(BIO* bio) noexcept {
    return *static_cast<tls_wire*>(BIO_get_data(bio));
}

int read_wire(BIO* bio, char* to, std::size_t size, std::size_t* got) noexcept {
    tls_wire& wire = wire_of(bio);
    BIO_clear_retry_flags(bio);
    const std::size_t taken = std::min(size, wire.shown);
    if (taken == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    std::memcpy(to, wire.received.data().data(), taken);
    wire.received.consume(taken);
    wire.shown -= taken;
    *got = taken;
    return 1;
}

int write_wire(BIO* bio, const char* from, std::size_t size, std::size_t* put) noexcept try {
    BIO_clear_retry_flags(bio);
    wire_of(bio).unsent.append({from, size});
    *put = size;
    return 1;
} catch (...) {
    wire_of(bio).out_of_memory = true;
    return 0;
}

long control_wire(BIO*, int command, long, void*) noexcept {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* wire_method() {
    static const auto method = [] {
        std::unique_ptr<BIO_METHOD, openssl_free<BIO_meth_free>> made{
            not_null(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "fairlead stream"))};
        BIO_meth_set_read_ex(made.get(), read_wire);
        BIO_meth_set_write_ex(made.get(), write_wire);
        BIO_meth_set_ctrl(made.get(), control_wire);
        return made.release(); // streams may outlive static objects
    }();
    return method;
}

} // namespace

void connect_bio(SSL* ssl, tls_wire& wire) {
    BIO* const bio = not_null(BIO_new(wire_method()));
    BIO_set_data(bio, &wire);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
}

} // namespace fairlead
