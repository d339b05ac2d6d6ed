# Compressed messages of WebSocket, and what only they need: zlib. They are there where it is, unless FAIRLEAD_ZLIB says otherwise.

find_package(ZLIB QUIET)
include(fairlead_optional_part)
fairlead_optional_part(FAIRLEAD_ZLIB ZLIB::ZLIB "Compressed messages of WebSocket" zlib zlib1g-dev)

set(fairlead_zlib_requires "")
if(FAIRLEAD_ZLIB)
    set(fairlead_zlib_requires zlib) # for pkg-config
    target_sources(fairlead PRIVATE src/websocket/deflate.cpp)
    target_link_libraries(fairlead PRIVATE ZLIB::ZLIB)
else()
    target_sources(fairlead PRIVATE src/websocket/without_deflate.cpp)
endif()
