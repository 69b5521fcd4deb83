#include "core/archive/query.hpp"

#include <doctest/doctest.h>

#include "core/archive/snippet.hpp"

using namespace majlis::archive;

TEST_CASE("words, phrases, exclusions and filters are told apart")
{
    const auto query = parse_query(
        "Réunion \"compte rendu\" -budget from:anna@example.org subject:\"ordre du jour\" list:Rabat after:2026 "
        "before:2026-02-01 "
        "has:attachment");
    REQUIRE(query.terms.size() == 5);
    CHECK(query.terms[0].words == std::vector<std::string>{"reunion"});
    CHECK(query.terms[1].words == std::vector<std::string>{"compte", "rendu"});
    CHECK(query.terms[2].sense == Term::Sense::unwanted);
    CHECK(query.terms[3].in == In::author);
    CHECK(query.terms[3].words == std::vector<std::string>{"anna", "example", "org"});
    CHECK(query.terms[4].in == In::subject);
    CHECK(query.lists == std::vector<std::string>{"rabat"});
    CHECK(query.after == 1'767'225'600);
    CHECK(query.before == 1'769'904'000);
    CHECK(query.with_attachment);
    CHECK(query.problems.empty());
}

TEST_CASE("the filters are known in French and Arabic")
{
    const auto query = parse_query("de:anna objet:budget liste:rabat après:2026-01 avant:٢٠٢٧ avec: has:pièce");
    CHECK(query.terms.at(0).in == In::author);
    CHECK(query.terms.at(1).in == In::subject);
    CHECK(query.lists.size() == 1);
    CHECK(query.after);
    CHECK(query.before);
    CHECK(query.with_attachment);
    CHECK(parse_query("من:أحمد الموضوع:ميزانية").terms.at(0).in == In::author);
    CHECK(parse_query("من:أحمد الموضوع:ميزانية").terms.at(1).in == In::subject);
}

TEST_CASE("what cannot be understood is said, and the rest is done")
{
    const auto query = parse_query("before:yesterday has:fun -list:rabat budget");
    using Kind = Problem::Kind;
    CHECK(query.problems == std::vector<Problem>{{Kind::date, "before"}, {Kind::has, ""}, {Kind::exclusion, ""}});
    CHECK(problem_text(query.problems.at(0)) == "before: wants a date such as 2026-01-31, 2026-01 or 2026");
    CHECK(query.terms.size() == 1);
    CHECK(parse_query("avant:hier").problems == std::vector<Problem>{{Kind::date, "avant"}});
    CHECK(parse_query("after:2026-13-01").problems.size() == 1);
    CHECK(parse_query("after:99999999999999999999").problems.size() == 1);
}

TEST_CASE("nothing that is written can be a syntax error of the index")
{
    CHECK(match_expression(parse_query("\"; DROP TABLE post; --")) == "{subject author files body quoted} : \"drop table post\"");
    CHECK(
        match_expression(parse_query("AND OR NOT NEAR(")) ==
        "{subject author files body quoted} : \"and\" AND {subject author files body quoted} : \"or\" AND {subject author files "
        "body quoted} : \"not\" AND {subject author files body quoted} : \"near\"");
    CHECK(match_expression(parse_query("-a")) == "({tags} : \"all\") NOT ({subject author files body quoted} : \"a\")");
    CHECK(match_expression(parse_query("subject:reu*")) == "{subject} : \"reu\" *");
    CHECK(match_expression(parse_query("re*")) == "{subject author files body quoted} : \"re\"");
    CHECK(is_empty(parse_query("  - \"\" ** : ")));
}

TEST_CASE("a query without end is read up to its limits")
{
    std::string many;
    for (int i = 0; i < 2'000; ++i) many += "w" + std::to_string(i) + " ";
    const auto query = parse_query(many);
    CHECK(query.terms.size() == 32);
    CHECK(query.problems.size() == 1);
    CHECK(parse_query(std::string(100'000, '"')).terms.empty());
}

TEST_CASE("a snippet shows the first word that was found, and marks it in the spelling of the text")
{
    std::string text(3'000, 'x');
    text += " avant la Réunion du\nbureau de Rabat";
    const auto snippet = snippet_of(text, parse_query("reunion rabat"));
    REQUIRE(snippet.marks.size() == 2);
    CHECK(snippet.text.substr(snippet.marks[0].first, snippet.marks[0].second - snippet.marks[0].first) == "Réunion");
    CHECK(snippet.text.size() < 250);
    CHECK(snippet.text.find('\n') == std::string::npos);
    CHECK(snippet_of("\x1b[31mred", parse_query("red")).text.find('\x1b') == std::string::npos);
    CHECK(snippet_of("", parse_query("a")).text.empty());
}
