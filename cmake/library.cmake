# The library: the objects of every room but those that belong to the program (cli) and to tests (testing).
#
#   redbud_static   libredbud.a        Redbud::redbud_static, and Redbud::redbud inside this tree
#   redbud_shared   libredbud.so.0.1   Redbud::redbud_shared; exports namespace redbud alone (redbud.map)
function(redbud_library)
  get_property(rooms GLOBAL PROPERTY REDBUD_ROOMS)
  list(REMOVE_ITEM rooms cli testing)
  set(objects "")
  set(links "")
  foreach(room ${rooms})
    list(APPEND objects $<TARGET_OBJECTS:redbud_${room}>)
    get_property(room_links GLOBAL PROPERTY REDBUD_LINKS_${room})
    list(APPEND links ${room_links})
  endforeach()
  list(REMOVE_DUPLICATES links)
  list(FILTER links EXCLUDE REGEX "nlohmann_json")   # header-only: nothing to link
  set(includes $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

  add_library(redbud_static STATIC ${objects})
  target_link_libraries(redbud_static PRIVATE ${links})
  add_library(Redbud::redbud ALIAS redbud_static)
  set(libraries redbud_static)

  if(REDBUD_BUILD_SHARED)
    add_library(redbud_shared SHARED ${objects})
    target_link_libraries(redbud_shared PRIVATE redbud_flags ${links})
    target_link_options(redbud_shared PRIVATE -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/redbud.map -Wl,--no-undefined
                                              -Wl,--as-needed)
    set_target_properties(redbud_shared PROPERTIES
      VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
      LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/redbud.map)
    list(APPEND libraries redbud_shared)
  endif()

  foreach(library ${libraries})
    set_target_properties(${library} PROPERTIES
      OUTPUT_NAME redbud LINKER_LANGUAGE CXX
      ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
    target_include_directories(${library} PUBLIC ${includes})
    target_compile_features(${library} PUBLIC cxx_std_20)
  endforeach()
endfunction()
