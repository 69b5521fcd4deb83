#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace majlis::test {

/// One connection of a ScriptedServer, on the server's own thread.
class Peer {
public:
    explicit Peer(int socket) : socket_(socket) {}
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    void say(std::string_view bytes);
    /// The client's next line, without its end; throws PeerGone when there is none.
    std::string hear();
    std::string hear_bytes(std::size_t count);
    /// Hears a command and remembers its tag; gives the rest.
    std::string command();
    /// "<tag> OK done" for the last command, or what is given.
    void answer(const std::string& text = "OK done");
    /// Waits until the client hangs up.
    void wait_for_end();

private:
    int socket_;
    std::string pending_;
    std::string tag_;
};

struct PeerGone : std::runtime_error {
    PeerGone() : std::runtime_error("the client is gone") {}
};

/// Plays one script for each connection, in order, on loopback.
class ScriptedServer {
public:
    using Script = std::function<void(Peer&)>;
    explicit ScriptedServer(std::vector<Script> scripts);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;
    unsigned port() const { return port_; }

private:
    void serve(const std::vector<Script>& scripts) const;
    int listener_;
    unsigned port_ = 0;
    std::thread thread_;
};

/// The dialogue in which libcurl connects to IMAP and logs in with PLAIN; afterwards our own session begins.
void imap_login(Peer& peer, const std::string& capabilities);
/// Then what imap::Session::open asks, answered with these capabilities.
void imap_open(Peer& peer, const std::string& capabilities);

/// Answers one POST over HTTP, as a server of OAuth 2 tokens, and remembers its body.
ScriptedServer::Script token_server(std::string status, std::string json, std::string* form = nullptr);

}  // namespace majlis::test
