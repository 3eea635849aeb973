# `cmake --install`: program, libraries, public headers, and what find_package and pkg-config read.
include(CMakePackageConfigHelpers)
set(REDBUD_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Redbud)

install(CODE "set(REDBUD_SOURCE ${PROJECT_SOURCE_DIR}/src)\nset(REDBUD_INCLUDE_DIR ${CMAKE_INSTALL_INCLUDEDIR})" COMPONENT library)
install(SCRIPT cmake/install_headers.cmake COMPONENT library)

install(TARGETS redbud_static EXPORT RedbudStaticTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(EXPORT RedbudStaticTargets NAMESPACE Redbud:: DESTINATION ${REDBUD_CMAKE_DIR} COMPONENT library)
if(REDBUD_BUILD_SHARED)
  install(TARGETS redbud_shared EXPORT RedbudSharedTargets
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT library)
  install(EXPORT RedbudSharedTargets NAMESPACE Redbud:: DESTINATION ${REDBUD_CMAKE_DIR} COMPONENT library)
endif()
if(TARGET redbud)
  install(TARGETS redbud RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
endif()

configure_package_config_file(cmake/RedbudConfig.cmake.in ${PROJECT_BINARY_DIR}/RedbudConfig.cmake
                              INSTALL_DESTINATION ${REDBUD_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/RedbudConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/RedbudConfig.cmake ${PROJECT_BINARY_DIR}/RedbudConfigVersion.cmake
        DESTINATION ${REDBUD_CMAKE_DIR} COMPONENT library)

# The .pc file finds the prefix from where it lies, so that an installed tree may be moved.
file(RELATIVE_PATH REDBUD_PC_UP /prefix/${CMAKE_INSTALL_LIBDIR} /prefix)
configure_file(cmake/redbud.pc.in ${PROJECT_BINARY_DIR}/redbud.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/redbud.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT library)
