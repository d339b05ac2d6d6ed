# TLS, and what only it needs: OpenSSL. It is there where OpenSSL is, unless FAIRLEAD_TLS says otherwise.

find_package(OpenSSL 3.0 QUIET)
set(fairlead_tls_default OFF)
if(OPENSSL_FOUND)
    set(fairlead_tls_default ON)
endif()
option(FAIRLEAD_TLS "TLS: needs OpenSSL 3.0" ${fairlead_tls_default})

set(fairlead_tls_requires "")
if(FAIRLEAD_TLS)
    if(NOT OPENSSL_FOUND)
        message(FATAL_ERROR "TLS needs OpenSSL 3.0; on Debian install libssl-dev, or leave it out with -DFAIRLEAD_TLS=OFF")
    endif()
    set(fairlead_tls_requires openssl) # for pkg-config
    target_sources(fairlead PRIVATE
        src/tls/certificate_text.cpp
        src/tls/client_context.cpp
        src/tls/context_settings.cpp
        src/tls/openssl_errors.cpp
        src/tls/pem_files.cpp
        src/tls/secure_stream.cpp
        src/tls/server_context.cpp
        src/tls/stream_bio.cpp
        src/tls/system_trust.cpp
        src/tls/ticket_keys.cpp
        src/tls/tls_end.cpp
        src/tls/tls_handshake.cpp
        src/tls/tls_stream.cpp
    )
    target_link_libraries(fairlead PRIVATE OpenSSL::SSL OpenSSL::Crypto)
else()
    target_sources(fairlead PRIVATE src/tls/without_tls.cpp)
endif()
