# Compressed messages of WebSocket, and what only they need: zlib. They are there where it is, unless FAIRLEAD_ZLIB says otherwise.

find_package(ZLIB QUIET)
include(fairlead_optional_part)
fairlead_library_part(FAIRLEAD_ZLIB ZLIB::ZLIB "Compressed messages of WebSocket" zlib zlib1g-dev zlib
                      SOURCES src/websocket/deflate.cpp
                      OTHERWISE src/websocket/without_deflate.cpp)
