# Topics over NATS, and what only they need: nats.c. They are there where it is, unless FAIRLEAD_NATS says otherwise.

include(fairlead_nats_library)
set(fairlead_nats_default OFF)
if(TARGET fairlead::nats_c)
    set(fairlead_nats_default ON)
endif()
option(FAIRLEAD_NATS "Topics over NATS: needs nats.c" ${fairlead_nats_default})

set(fairlead_nats_requires "")
if(FAIRLEAD_NATS)
    if(NOT TARGET fairlead::nats_c)
        message(FATAL_ERROR "Topics over NATS need nats.c; on Debian install libnats-dev, or leave them out with \
-DFAIRLEAD_NATS=OFF")
    endif()
    set(fairlead_nats_requires libnats) # for pkg-config
    target_sources(fairlead PRIVATE
        src/nats/message_origin.cpp
        src/nats/nats_bridge.cpp
        src/nats/nats_connection.cpp
        src/nats/nats_inbox.cpp
        src/nats/nats_loop.cpp
        src/nats/nats_settings.cpp
        src/nats/nats_requests.cpp
        src/nats/nats_servers.cpp
        src/nats/nats_subject.cpp
        src/nats/nats_counters.cpp
    )
    target_link_libraries(fairlead PRIVATE fairlead::nats_c)
else()
    target_sources(fairlead PRIVATE src/nats/without_nats.cpp)
endif()
