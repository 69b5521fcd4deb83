#include "core/judge/list_face.hpp"

namespace majlis {
namespace {

ListFace::From from_of(const Settings& settings)
{
    switch (settings.from) {
        case FromPolicy::keep:
            return ListFace::From::keep;
        case FromPolicy::rewrite:
            return ListFace::From::rewrite;
        case FromPolicy::wrap:
            return ListFace::From::wrap;
        case FromPolicy::rewrite_if_needed:
            break;
    }
    return ListFace::From::rewrite_if_needed;
}

}  // namespace

ListFace list_face(const store::List& list, const Settings& settings)
{
    ListFace face;
    face.name = list.name;
    face.title = settings.title;
    face.address = list.address;
    face.list_id = list.list_id;
    face.language = settings.language;
    face.subject_tag = settings.subject_tag;
    face.footer = settings.footer;
    if (settings.archive == Switch::on) face.archive_url = settings.archive_url;
    face.posting = settings.posting == Posting::moderators ? ListFace::Posting::moderators : ListFace::Posting::allowed;
    switch (settings.reply_to) {
        case ReplyTo::author:
            face.reply_to = ListFace::ReplyTo::author;
            break;
        case ReplyTo::list:
            face.reply_to = ListFace::ReplyTo::list;
            break;
        case ReplyTo::both:
            face.reply_to = ListFace::ReplyTo::both;
            break;
    }
    face.from = from_of(settings);
    return face;
}

}  // namespace majlis
