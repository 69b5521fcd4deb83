#include "core/address/public_suffixes.hpp"
#include "core/compose/author.hpp"
#include "core/compose/build.hpp"
#include "core/compose/fields.hpp"
#include "core/compose/lines.hpp"
#include "core/compose/post_copy.hpp"
#include "core/compose/signature.hpp"

/// Which From a copy gets, and why.
namespace majlis {
namespace {

using namespace compose;

PostCopy build(const Message& message, ListFace face, const CopyOptions& options, ListFace::From from, std::string why)
{
    face.from = from;
    PostCopy copy = build_copy(message, face, options);
    copy.from = from == ListFace::From::wrap   ? PostCopy::From::wrapped
                : from == ListFace::From::keep ? PostCopy::From::kept
                                               : PostCopy::From::rewritten;
    copy.from_why = std::move(why);
    return copy;
}

/// Whether the author's signature outlives what this copy changes.
Standing standing_of(const Message& message, const PostCopy& copy, const ListFace& face, const CopyOptions& options,
                     const std::string& author_domain)
{
    std::string head = copy.head;
    if (options.audience == CopyOptions::Audience::personal) head += personal_fields(face, "token");
    const Signed before{all_fields(message.root().header), message.root().body};
    const Signed after{all_fields(head), std::string_view{copy.tail}.substr(2)};
    Standing standing = author_signature(before, after, author_domain, PublicSuffixes{});
    if (options.content == CopyOptions::Content::filtered && standing.kind == Standing::Kind::stands)
        return {Standing::Kind::broken, "the body"};
    return standing;
}

std::string in_words(const Standing& standing, const std::string& domain)
{
    if (standing.kind == Standing::Kind::absent) return domain + " has not signed it";
    return standing.changed + " is changed, which " + domain + " has signed";
}

PostCopy rewrite_if_needed(const Message& message, const ListFace& face, const CopyOptions& options)
{
    PostCopy kept = build(message, face, options, ListFace::From::keep, "the author's address is no domain's");
    const auto domain = dns_name(author_mailbox(all_fields(message.root().header), options).address.domain);
    if (!domain) return kept;
    const Standing standing = standing_of(message, kept, face, options, *domain);
    if (standing.kind == Standing::Kind::stands) {
        kept.from_why = "the signature of " + *domain + " covers nothing that the list changes";
        return kept;
    }
    const std::string need = in_words(standing, *domain);
    if (!options.author_policy) {
        kept.policy_wanted = *domain;
        kept.from_why = need + "; its DMARC policy is not known yet";
        return kept;
    }
    const std::string policy{dmarc::policy_name(*options.author_policy)};
    if (!dmarc::forbids(*options.author_policy)) {
        kept.from_why = need + ", but its DMARC policy is none";
        return kept;
    }
    const bool unknown = *options.author_policy == dmarc::Policy::unknown;
    return build(message, face, options, ListFace::From::rewrite,
                 need + (unknown ? ", and the DNS does not tell its DMARC policy" : ", and its DMARC policy is " + policy));
}

PostCopy compose_clean(const Message& message, const ListFace& face, const CopyOptions& options)
{
    using From = ListFace::From;
    if (face.from == From::wrap) return build(message, face, options, From::wrap, "the list wraps every post");
    if (!options.account_from.empty())
        return build(message, face, options, From::rewrite, "the relay allows only its own address in From");
    if (face.from == From::rewrite) return build(message, face, options, From::rewrite, "the list rewrites every post");
    if (face.from == From::keep) return build(message, face, options, From::keep, "the list keeps it always");
    return rewrite_if_needed(message, face, options);
}

}  // namespace

PostCopy compose_copy(const Message& message, const ListFace& face, const CopyOptions& options)
{
    if (clean_lines(message.raw)) return compose_clean(message, face, options);
    const std::string raw = clean(message.raw);
    return compose_clean(scan_message(raw), face, options);
}

}  // namespace majlis
