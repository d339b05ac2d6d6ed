#include "tls/system_trust.hpp"

#include <cstdlib>
#include <ctime>
#include <mutex>
#include <stdexcept>
#include <sys/stat.h>
#include <utility>

namespace fairlead {

namespace {

struct shared_store {
    std::mutex mutex;
    x509_store_ptr store;
    ::timespec changed{};
};

// Returns the time at which the file that OpenSSL reads was changed; 0 if it does not exist.
::timespec time_of_change() noexcept {
    const char* const named = ::secure_getenv(X509_get_default_cert_file_env());
    struct ::stat status {};
    return ::stat(named ? named : X509_get_default_cert_file(), &status) == 0 ? status.st_mtim : ::timespec{};
}

x509_store_ptr read_store() {
    x509_store_ptr made{not_null(X509_STORE_new())};
    if (X509_STORE_set_default_paths(made.get()) != 1)
        throw std::invalid_argument{"the certificates that the system trusts cannot be read; name a file by "
                                    "tls_client_options::ca_file"};
    return made;
}

} // namespace

x509_store_ptr system_trust() {
    static shared_store shared;
    const ::timespec changed = time_of_change();
    const std::lock_guard lock{shared.mutex};
    if (!shared.store || changed.tv_sec != shared.changed.tv_sec || changed.tv_nsec != shared.changed.tv_nsec) {
        shared.store = read_store();
        shared.changed = changed;
    }
    X509_STORE_up_ref(shared.store.get());
    return x509_store_ptr{shared.store.get()};
}

} // namespace fairlead
