# Warnings, sanitizers and hardening for Fairlead's own targets; nothing of it reaches a project that links the library.

if(FAIRLEAD_SANITIZE)
    add_compile_options(-fsanitize=${FAIRLEAD_SANITIZE} -fno-omit-frame-pointer -g1)
    add_link_options(-fsanitize=${FAIRLEAD_SANITIZE})
    # Recycled coroutine frames and blocks would hide a use after free.
    add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
    if(FAIRLEAD_SANITIZE MATCHES "undefined")
        # What it puts before a function does not fit the parts into which Clang 14 cuts a coroutine.
        add_compile_options(-fno-sanitize-recover=undefined -fno-sanitize=function)
    endif()
endif()

include(fairlead_hardening)

if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    find_program(FAIRLEAD_CCACHE ccache)
    mark_as_advanced(FAIRLEAD_CCACHE)
    if(FAIRLEAD_CCACHE)
        set(CMAKE_CXX_COMPILER_LAUNCHER ${FAIRLEAD_CCACHE})
    endif()
endif()

# The tests are many programs, and LLVM's linker takes a fifth of the time of GNU's. What is installed is linked as ever.
if(PROJECT_IS_TOP_LEVEL AND FAIRLEAD_BUILD_TESTS)
    find_program(FAIRLEAD_LLD ld.lld)
    mark_as_advanced(FAIRLEAD_LLD)
    if(FAIRLEAD_LLD)
        add_link_options(-fuse-ld=lld)
    endif()
    # GCC looks for memory to free again and again, a twelfth of its time. Without, it takes a quarter more memory.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(--param=ggc-min-heapsize=2000000)
    endif()
endif()

function(fairlead_compiler_settings target)
    target_compile_definitions(${target} PRIVATE BOOST_ASIO_NO_DEPRECATED)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                             -Woverloaded-virtual -Wold-style-cast)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE -Wno-missing-field-initializers
                                                 -Wno-restrict) # false alarms of GCC 12 at -O2 (its bug 105651)
    endif()
    # Files that are compiled as one hide each other's names, and look to GCC like headers with types of their own.
    set(unity $<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE "$<${unity}:-Wno-shadow;-Wshadow=local;-Wno-subobject-linkage>")
    else()
        target_compile_options(${target} PRIVATE $<${unity}:-Wno-shadow>)
    endif()
    # What is built does not depend on the directory; a debugger needs it all the same.
    target_compile_options(${target} PRIVATE
        "$<$<NOT:$<CONFIG:Debug>>:-ffile-prefix-map=${PROJECT_BINARY_DIR}=build;-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>")
    if(FAIRLEAD_WARNINGS_AS_ERRORS)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
    fairlead_harden(${target})
endfunction()
