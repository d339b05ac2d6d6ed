# Topics over NATS, and what only they need: nats.c. They are there where it is, unless FAIRLEAD_NATS says otherwise.

include(fairlead_nats_library)
include(fairlead_optional_part)
fairlead_optional_part(FAIRLEAD_NATS fairlead::nats_c "Topics over NATS" nats.c libnats-dev)

set(fairlead_nats_requires "")
if(FAIRLEAD_NATS)
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
