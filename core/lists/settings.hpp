#pragma once

#include "core/text/problem.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What can be set on a list, what each key may hold, and how lists below inherit it.
namespace majlis {

enum class Posting { members, anyone, moderators, moderated };
enum class Nonmembers { hold, reject, discard, accept };
enum class Subscribe { confirm, open, moderate, confirm_and_moderate, invite, closed };
enum class Reach { tree, list };
enum class ReplyTo { author, list, both };
enum class FromPolicy { rewrite_if_needed, keep, rewrite, wrap };
enum class Html { keep, to_text, remove };
enum class HeldNotice { each, daily, none };
enum class BounceNotice { each, daily, none };
enum class Visibility { members, everyone, tree, moderators };  ///< everyone is written "public"
enum class Switch { off, on };

/// Which parts of a post may pass. A type is "image/png", "image/*" or an extension ".exe", lower case.
struct Attachments {
    enum class Mode { all, allow, deny };
    Mode mode = Mode::all;
    std::vector<std::string> types;
};

/// More than `posts` within `seconds` turn moderation on. 0 posts: never.
struct Flood {
    int posts = 30;
    std::int64_t seconds = 600;
};

/// Warnings to a member whose delivery is off for bounces, before he is removed.
struct BounceWarnings {
    int count = 3;
    std::int64_t interval = 7 * 86400;  ///< seconds
};

/// The values of one list after inheritance.
struct Settings {
    std::string title, description, language = "fr", subject_tag, footer, archive_url;
    Posting posting = Posting::members;
    Nonmembers nonmembers = Nonmembers::hold;
    Subscribe subscribe = Subscribe::confirm;
    Reach reach = Reach::tree;
    ReplyTo reply_to = ReplyTo::author;
    FromPolicy from = FromPolicy::rewrite_if_needed;
    int first_posts_held = 0;
    std::int64_t max_size = 1024 * 1024;  ///< bytes; 0: no limit
    int max_recipients = 20;              ///< in To and Cc; 0: no limit
    Attachments attachments;
    Html html = Html::keep;
    Switch emergency = Switch::off;
    Flood flood;
    std::int64_t held_expire = 14 * 86400;  ///< seconds
    HeldNotice held_notice = HeldNotice::each;
    Switch welcome = Switch::on;
    Switch goodbye = Switch::on;
    Visibility visibility = Visibility::members;
    Switch archive = Switch::on;
    int bounce_threshold = 5;
    std::int64_t bounce_forget = 7 * 86400;  ///< seconds
    BounceWarnings bounce_warnings;
    BounceNotice bounce_notice =
        BounceNotice::each;  ///< how owners hear of members whose mail is switched off, or who are removed
};

/// Whether a value reaches the lists below. A section has its own title, description and subject_tag; all else is inherited.
enum class Inherited { no, yes };

struct SettingKey {
    std::string_view name;
    std::string_view fallback;  ///< value where nobody set one, normalised
    std::string_view allowed;   ///< "members, anyone, moderators, moderated", "a size such as 1MB"
    std::string_view help;      ///< one line
    Inherited inherited = Inherited::yes;
};

/// Every key, in the order in which people read them.
std::span<const SettingKey> setting_keys();

/// The key of this name, or nullptr.
const SettingKey* find_setting(std::string_view name);

/// The value as it is to be stored ("1048576" becomes "1MB", "3\u00d77d" becomes "3x7d"), or a message that names the allowed
/// values, or for an unknown key the nearest one.
boost::system::result<std::string, text::Problem> check_setting(std::string_view key, std::string_view value);

/// fixed::yes binds every list below.
enum class Fixed { no, yes };

/// Refuses --fixed for a key that is not inherited.
boost::system::result<void, text::Problem> check_fixed(std::string_view key);

struct StoredSetting {
    std::string key, value;
    Fixed fixed = Fixed::no;
};

/// What is stored on one list.
struct ListSettings {
    std::string list;  ///< its name; "" for the site's own defaults, which may stand first in a chain
    std::vector<StoredSetting> stored;
};

/// Where the value of a key comes from.
struct ResolvedSetting {
    std::string_view key;
    std::string value;
    std::string from;         ///< name of the list that set it; "" for the default or the site
    Fixed above = Fixed::no;  ///< a list above binds it: a value set here has no effect
    std::string bound_by;     ///< that list's name
};

/// Every key, in the order of setting_keys(), for the last list of `chain`, which runs from the root down to it. The topmost list
/// that fixed a key wins over all below; else the nearest list that set it. Throws std::runtime_error for a stored key or value
/// that check_setting() refuses: the database was written by something else.
std::vector<ResolvedSetting> resolve_each(std::span<const ListSettings> chain);

/// The same as typed values.
Settings resolve(std::span<const ListSettings> chain);

}  // namespace majlis
