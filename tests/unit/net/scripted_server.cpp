#include "tests/unit/net/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace majlis::test {

Peer::~Peer() { close(socket_); }

void Peer::say(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto count = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) throw PeerGone();
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string Peer::hear_bytes(std::size_t count)
{
    char buffer[4096];
    while (pending_.size() < count) {
        const auto got = recv(socket_, buffer, sizeof buffer, 0);
        if (got <= 0) throw PeerGone();
        pending_.append(buffer, static_cast<std::size_t>(got));
    }
    std::string bytes = pending_.substr(0, count);
    pending_.erase(0, count);
    return bytes;
}

std::string Peer::hear()
{
    std::string line;
    for (;;) {
        const std::string byte = hear_bytes(1);
        if (byte == "\n") break;
        line += byte;
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
}

std::string Peer::command()
{
    const std::string line = hear();
    const auto space = line.find(' ');
    tag_ = line.substr(0, space);
    return space == std::string::npos ? std::string() : line.substr(space + 1);
}

void Peer::answer(const std::string& text) { say(tag_ + " " + text + "\r\n"); }

void Peer::wait_for_end()
{
    try {
        for (;;) hear();
    } catch (const PeerGone&) {
    }
}

ScriptedServer::ScriptedServer(std::vector<Script> scripts) : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 8) != 0) {
        throw std::runtime_error("no scripted server");
    }
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, scripts = std::move(scripts)] { serve(scripts); });
}

ScriptedServer::~ScriptedServer()
{
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
}

void ScriptedServer::serve(const std::vector<Script>& scripts) const
{
    for (const auto& script : scripts) {
        const int socket_number = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket_number < 0) return;
        Peer peer{socket_number};
        try {
            script(peer);
        } catch (const PeerGone&) {  // a client may hang up whenever it likes
        }
    }
}

void imap_login(Peer& peer, const std::string& capabilities)
{
    peer.say("* OK ready\r\n");
    peer.command();
    peer.say("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN " + capabilities + "\r\n");
    peer.answer();
    peer.command();
    peer.answer();
}

void imap_open(Peer& peer, const std::string& capabilities)
{
    imap_login(peer, capabilities);
    peer.command();
    peer.say("* CAPABILITY IMAP4rev1 " + capabilities + "\r\n");
    peer.answer();
    peer.command();  // LIST "" ""
    peer.say("* LIST (\\Noselect) \"/\" \"\"\r\n");
    peer.answer();
}

ScriptedServer::Script token_server(std::string status, std::string json, std::string* form)
{
    return [=](Peer& peer) {
        std::size_t length = 0;
        for (std::string line = peer.hear(); !line.empty(); line = peer.hear()) {
            if (line.starts_with("Content-Length: ")) length = std::stoul(line.substr(16));
        }
        const std::string body = peer.hear_bytes(length);
        if (form != nullptr) *form = body;
        peer.say("HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
                 std::to_string(json.size()) + "\r\n\r\n" + json);
    };
}

}  // namespace majlis::test
