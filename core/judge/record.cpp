#include "core/judge/record.hpp"

namespace majlis {

Recorded record_judgement(store::Database& db, const store::NewMail& arrival, const ReadMail& mail, const Judgement& judgement,
                          const JudgeContext& context, std::int64_t now)
{
    store::Transaction transaction{db};
    const record::Case c{db, arrival, mail, judgement, context, now};
    Recorded recorded;
    if (!judgement.lists.empty())
        recorded = record::post(c);
    else if (judgement.kind == Kind::command)
        recorded = record::commands(c);
    else
        recorded = record::report(c);
    transaction.commit();
    return recorded;
}

}  // namespace majlis
