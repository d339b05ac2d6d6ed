#include "tls/system_trust.hpp"

#include "support/tls_certificates.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>

namespace fairlead::test {

namespace {

/// Makes a file that of the system, for a test.
class system_file {
public:
    explicit system_file(const std::string& path) { ::setenv("SSL_CERT_FILE", path.c_str(), 1); }
    system_file(const system_file&) = delete;
    system_file& operator=(const system_file&) = delete;
    ~system_file() { ::unsetenv("SSL_CERT_FILE"); }
};

int count_certificates(X509_STORE* store) {
    return sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
}

} // namespace

TEST(system_trust, is_read_once_and_again_after_a_change) {
    const test_certificate root{{.subject = "root", .authority = true}};
    const system_file file{root.chain_file()};
    const x509_store_ptr first = system_trust();
    EXPECT_EQ(count_certificates(first.get()), 1);
    EXPECT_EQ(system_trust(), first);
    const ::timespec later[2] = {{1, 0}, {1, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, root.chain_file().c_str(), later, 0), 0);
    const x509_store_ptr second = system_trust();
    EXPECT_NE(second, first);
    EXPECT_EQ(count_certificates(second.get()), 1);
}

} // namespace fairlead::test
