#pragma once

#include "core/lists/settings.hpp"
#include "core/message/message.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Takes out of a post what its list does not want: attachments by type and by file name, HTML. Pure, and by splicing: what is
/// not filtered keeps its bytes.
namespace majlis {

/// The two settings of a list that filter content.
struct FilterSettings {
    Attachments attachments;
    Html html = Html::keep;

    bool asks_nothing() const { return attachments.mode == Attachments::Mode::all && html == Html::keep; }
};
FilterSettings filter_settings(const Settings& settings);

struct RemovedPart {
    enum class Why {
        type,        ///< its declared type, or the type that its file name stands for
        name,        ///< a file name that it declares
        html,        ///< HTML: an alternative text stands, or `html = remove`
        signature,   ///< what it signed is no longer as it was
        unreadable,  ///< it cannot be looked into: beyond a limit, or an attached mail in a transfer encoding
    };
    std::string type;       ///< "image/png", as declared
    std::string name;       ///< file name, UTF-8; empty where there is none
    std::int64_t size = 0;  ///< bytes; about what base64 stands for
    Why why = Why::type;
    std::string entry;  ///< of the setting that spoke: "image/*", ".exe"; empty where a part is merely not allowed

    /// Whether a reader misses something: not a mere alternative of a text that stands, nor a signature.
    bool missed = true;
};
/// "type", "name", "html", "signature", "unreadable".
std::string_view why_name(RemovedPart::Why why);

struct Filtered {
    std::string bytes;  ///< the mail as it is to be composed; equal to the raw mail where nothing was changed
    bool changed = false;
    bool nothing_left = false;  ///< all of it was removed, or all but blank text: `bytes` has an empty body
    std::vector<RemovedPart> removed;
    std::int64_t size_after = 0;  ///< of `bytes`
};

/// - Text and HTML without a file name that are not marked as attachments are the post's text: an allow list does not touch them,
/// a
///   deny list does where it names them. Other leaves, attached mails and multipart/encrypted (which nobody can look into) are
///   attachments.
/// - A part is denied for its type, for any file name that it declares (all forms, any case), for the type that such a name
/// stands
///   for, and for the names inside a TNEF container. It is allowed where its type or a name is, and no name stands for a type
///   that is not. Attached mails are looked into.
/// - A multipart left empty goes; one that lost parts and has one left becomes that part. Where a signed part's content is
/// changed,
///   its signature goes too; else a signed part keeps its bytes.
/// - HTML with a text alternative goes; other HTML becomes text/plain, or goes with `html = remove`. HTML marked as an attachment
///   is an attachment.
/// - The mail is read as it would leave: with the line ends and without the NULs that composing mends, for they may hide a part.
/// - A changed mail bears X-Content-Filtered-By, and loses Content-Length and Lines.
/// - A mail beyond the limits of the scanner, whose parts are therefore not all known, has nothing left.
/// Linear; never throws for content.
Filtered filter(const Message& message, const FilterSettings& settings);

}  // namespace majlis
