# The program build/redbud: cli/main.cpp and the rooms' objects, linked without the detour over a library.
function(redbud_program)
  if(NOT EXISTS ${PROJECT_SOURCE_DIR}/src/redbud/cli/main.cpp)
    return()
  endif()
  add_executable(redbud ${PROJECT_SOURCE_DIR}/src/redbud/cli/main.cpp)
  get_property(links GLOBAL PROPERTY REDBUD_LINKS_cli)
  target_sources(redbud PRIVATE $<TARGET_OBJECTS:redbud_cli>)
  target_link_libraries(redbud PRIVATE redbud_flags redbud_static ${links})
  target_link_options(redbud PRIVATE -Wl,--as-needed)   # fewer libraries to load: a quick start
  target_compile_definitions(redbud PRIVATE REDBUD_VERSION="${PROJECT_VERSION}")
  set_target_properties(redbud PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endfunction()
