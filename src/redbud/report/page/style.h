#pragma once
#include <string>
#include <string_view>

namespace redbud::page {

/// A whole page: head, style and body. Nothing in it comes from elsewhere; light or dark as the reader's system is, and
/// black on white in print.
std::string document(const std::string& title, const std::string& body);

/// What a page of ours begins with.
std::string_view document_start();

}  // namespace redbud::page
