"""The two web addresses of OAuth 2 that a mailbox with XOAUTH2 needs: one gives access tokens, one tells whose they are."""

import http.server
import json
import threading
import urllib.parse

from . import process


class TokenServer:
    def __init__(self, user, refresh_token="refresh-me", lifetime=3600):
        self.user, self.refresh_token, self.lifetime = user, refresh_token, lifetime
        self.given, self.valid, self.refuse = [], set(), False
        self.port = process.free_port()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, status, body):
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                if outer.refuse or form.get("refresh_token") != [outer.refresh_token]:
                    self.answer(400, {"error": "invalid_grant", "error_description": "the refresh token has been revoked"})
                    return
                token = f"access-{len(outer.given)}"
                outer.given.append(token)
                outer.valid.add(token)
                self.answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": outer.lifetime})

            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
                token = query.get("access_token", [""])[0]
                if token in outer.valid:
                    self.answer(200, {"email": outer.user, "expires_in": outer.lifetime})
                else:
                    self.answer(401, {"error": "invalid_token"})

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def token_url(self):
        return f"http://127.0.0.1:{self.port}/token"

    def dovecot(self):
        """The oauth2 configuration of a Dovecot that asks us whose a token is."""
        return (f"tokeninfo_url = http://127.0.0.1:{self.port}/tokeninfo?access_token=\n"
                "username_attribute = email\n")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
