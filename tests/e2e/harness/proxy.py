"""Stands between majlisd and a server: cuts, holds, hides and answers where a real server would once in ten years."""

import socket
import threading

from . import process


class Proxy:
    """Lines from the client pass through on_line(line, proxy): bytes to send on (changed or not), or CUT, or
    (ANSWER, bytes) to answer in the server's place. Bytes of the server pass through on_bytes(bytes, proxy), which may
    also give an iterator of pieces: it takes its time, and need never end."""

    CUT, ANSWER, HOLD = object(), object(), object()

    def __init__(self, target):
        self.target, self.port = target, process.free_port()
        self.on_line = self.on_bytes = None
        self.lines, self.connections, self._sockets = [], 0, set()
        self.listener, self.lock = None, threading.Lock()

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()
        return self

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:  # the server is away: so are we
                client.close()
                continue
            self.connections += 1
            self._sockets |= {client, server}
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=self._down, args=(client, server), daemon=True).start()

    def _up(self, client, server):
        buffer = b""
        try:
            while piece := client.recv(1 << 16):
                buffer += piece
                while (end := buffer.find(b"\r\n")) >= 0:
                    line, buffer = buffer[:end + 2], buffer[end + 2:]
                    with self.lock:
                        self.lines.append(line)
                    answer = self.on_line(line, self) if self.on_line else line
                    if answer is Proxy.CUT:
                        return
                    if answer is Proxy.HOLD:
                        continue
                    if isinstance(answer, tuple):
                        client.sendall(answer[1])
                    else:
                        server.sendall(answer)
        except OSError:
            pass
        finally:
            self._close(client, server)

    def _down(self, client, server):
        try:
            while piece := server.recv(1 << 16):
                answer = self.on_bytes(piece, self) if self.on_bytes else piece
                if answer is Proxy.CUT:
                    return
                if answer is Proxy.HOLD:
                    continue
                for each in [answer] if isinstance(answer, bytes) else answer:
                    client.sendall(each)
        except OSError:
            pass
        finally:
            self._close(client, server)

    def _close(self, *sockets):
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()
            self._sockets.discard(each)

    def said(self, text):
        """Whether the client has sent a line that contains this."""
        with self.lock:
            return any(text in line for line in self.lines)

    def stop(self):
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        self._close(*list(self._sockets))
