#include "core/message/html_text.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace majlis;

TEST_CASE("HTML becomes readable text")
{
    const struct {
        std::string_view html, text;
    } table[] = {
        {"<p>one</p><p>two</p>", "one\n\ntwo"},
        {"a<br>b<br/>c", "a\nb\nc"},
        {"a  \r\n b", "a b"},
        {"<b>bold</b>face", "boldface"},
        {"1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"},
        {"&eacute;&#233;&#xE9;", "\xc3\xa9\xc3\xa9\xc3\xa9"},
        {"&unknown; &amp &#; &#xZZ;", "&unknown; &amp &#; &#xZZ;"},
        {"&#0;&#xD800;&#x110000;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"<style>p { color: red }</style>x<script>if (a<b) {}</script>y", "xy"},
        {"<!-- <p>hidden</p> -->shown", "shown"},
        {"<a title=\"a > b\">link</a>", "link"},
        {"1 < 2", "1 < 2"},
        {"<title>t</title>body", "body"},
        {"cut <", "cut <"},
        {"open <a href=", "open"},
        {"", ""},
        {"<td>a</td><td>b</td>", "a | b"},
        {"\xd9\x85\xd8\xac", "\xd9\x85\xd8\xac"},
    };
    for (const auto& row : table) {
        CAPTURE(row.html);
        CHECK(html_to_text(row.html) == row.text);
    }
}

TEST_CASE("blocks are laid out so that they can be read")
{
    const struct {
        std::string_view html, text;
    } table[] = {
        {"a<br><br>b<br><br><br>c", "a\n\nb\n\nc"},
        {"<div>a</div><div>b<div>c</div></div>", "a\nb\nc"},
        {"<h1>Title</h1>text<p>more", "Title\n\ntext\n\nmore"},
        {"<ul><li>one<li>two<ul><li>deep</ul></ul>end", "- one\n- two\n  - deep\n\nend"},
        {"<ol><li>one</li><li>two<br>lines</li></ol>", "1. one\n2. two\n  lines"},
        {"<table><tr><th>Name<th>City<tr><td>Amina</td><td></td><td>Rabat</td></tr></table>", "Name | City\nAmina | Rabat"},
        {"<blockquote>a<p>b<blockquote>c</blockquote></blockquote>d", "> a\n>\n> b\n>\n> > c\n\nd"},
        {"<blockquote><ul><li>x</ul></blockquote>", "> - x"},
        {"<pre>  a\n\n   b</pre>c  d", "  a\n\n   b\n\nc d"},
        {"above<hr>below", "above\n\n* * *\n\nbelow"},
        {"<img src=x alt='our logo'><img src=y alt=''>", "[our logo]"},
        {"<div style='display: none'>seen by <div>nobody</div></div>shown", "shown"},
        {"a<span style=\"DISPLAY:NONE\">never closed", "anever closed"},
        {"&#146;&#x80;&nbsp;&shy;x&alpha;&rarr;", "\xe2\x80\x99\xe2\x82\xac x\xce\xb1\xe2\x86\x92"},
        {"</blockquote></ul></li><li>x", "x"},
    };
    for (const auto& row : table) {
        CAPTURE(row.html);
        CHECK(html_to_text(row.html) == row.text);
    }
}

TEST_CASE("an address that a link hides is shown where that is asked")
{
    const struct {
        std::string_view html, text;
    } table[] = {
        {"<a href='https://example.org/a?b&amp;c'>our <b>site</b></a>!", "our site <https://example.org/a?b&c>!"},
        {"<a href=http://www.example.org/>Example.org</a>", "Example.org"},
        {"<a href='mailto:a@example.org?subject=x'>a@example.org</a>", "a@example.org"},
        {"<a href='mailto:a@example.org?subject=x'>write</a>", "write <a@example.org>"},
        {"<a href='javascript:alert(1)'>x</a><a href='#top'>y</a><a name=z>z</a>", "xyz"},
        {"<a href='https://example.org/\n<evil>'>x", "x <https://example.org/evil>"},
        {"<a href=https://a.example>x<a href=https://b.example>y</a>", "x <https://a.example>y <https://b.example>"},
        {"<a href=https://a.example><img src=x></a>b", "b"},
    };
    for (const auto& row : table) {
        CAPTURE(row.html);
        CHECK(html_to_text(row.html, HtmlLinks::show) == row.text);
    }
    CHECK(html_to_text(table[0].html) == "our site!");
}

TEST_CASE("a line keeps the direction that its element gives it")
{
    const std::string rlm = "\xe2\x80\x8f", lrm = "\xe2\x80\x8e", arabic = "\xd9\x85\xd8\xac\xd9\x84\xd8\xb3";
    CHECK(html_to_text("<div dir=rtl>MAIMC " + arabic + "</div>") == rlm + "MAIMC " + arabic);
    CHECK(html_to_text("<div dir=rtl>" + arabic + "</div>") == arabic);
    CHECK(html_to_text("<div dir=rtl><p>1. Rabat</p><div>x</div></div>y") == rlm + "1. Rabat\n\n" + rlm + "x\ny");
    CHECK(html_to_text("<div dir=rtl><p dir=ltr>" + arabic + "</p>a</div>") == lrm + arabic + "\n\n" + rlm + "a");
    CHECK(html_to_text("<p>" + arabic + "</p>") == arabic);
}

TEST_CASE("hostile HTML takes linear time and little room")
{
    const auto repeated = [](std::string_view piece, std::size_t times) {
        std::string out;
        for (std::size_t i = 0; i < times; ++i) out += piece;
        return out;
    };
    const auto begin = std::chrono::steady_clock::now();
    for (const std::string_view piece :
         {"<a href=\"x", "<div dir=rtl>", "<blockquote>x<br>", "<ul><li>", "<", "<a ", "&", "&#", "=\"", "<p style=display:none>",
          "</", "<!--", "<script>", "<pre>\n", "<td>", "<a href=https://x.example>y"}) {
        CAPTURE(piece);
        const std::string html = repeated(piece, 20'000);
        CHECK(html_to_text(html, HtmlLinks::show).size() <= 8 * html.size());
    }
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{30});
}
