# fairlead_source_date: when this source was made, in seconds since 1970. What is built from it, such as a page of the manual, shows
# this time and not that of the build, so two builds are the same. It is that of SOURCE_DATE_EPOCH, else of the commit, else of the
# commit from which `./dev dist` made a tarball.

set(fairlead_source_date "$ENV{SOURCE_DATE_EPOCH}")
if(NOT fairlead_source_date AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
    execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} log -1 --format=%ct
                    OUTPUT_VARIABLE fairlead_source_date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT fairlead_source_date)
    file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/source_date.txt fairlead_source_date LIMIT_COUNT 1) # written by git archive
endif()
if(NOT fairlead_source_date MATCHES "^[0-9]+$")
    message(STATUS "The date of the source is unknown; set SOURCE_DATE_EPOCH. Pages of the manual say 1970")
    set(fairlead_source_date 0)
endif()
