"""A relay that answers each address as it was told to, and lets through as many letters as it was told to."""

import re
import socketserver
import threading


class Relay:
    """SMTP on loopback. `answers`: address → the reply to its RCPT, or "drop": no answer to its message."""

    def __init__(self, answers=None, closed=False):
        self.answers = answers or {}
        self.taken = []
        # how many messages may still be taken; None: all
        self.room = 0 if closed else None
        self.changed = threading.Condition()
        relay = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                relay.session(self.rfile, self.wfile)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Session)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.let_through(None)
        self.server.shutdown()
        self.server.server_close()

    def let_through(self, count):
        """So many more; None: all."""
        with self.changed:
            self.room = None if count is None else (self.room or 0) + count
            self.changed.notify_all()

    def session(self, lines, out):
        def say(text):
            octets = text if isinstance(text, bytes) else text.encode()
            out.write(octets + b"\r\n")

        say("220 relay.example")
        address = ""
        while line := lines.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                say("250-relay.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES")
            elif verb == b"RCPT":
                address = re.search(rb"<([^>]*)>", line).group(1).decode().lower()
                answer = self.answers.get(address, "drop")
                say("250 2.1.5 ok" if answer == "drop" else answer)
            elif verb == b"DATA":
                say("354 go on")
                text = b""
                while (line := lines.readline()) not in (b".\r\n", b""):
                    text += line
                if not line or not self.take(address, text, say):
                    return
            elif verb == b"QUIT":
                say("221 2.0.0 good bye")
                return
            else:
                say("250 2.0.0 ok")

    def take(self, address, text, say):
        with self.changed:
            while self.room == 0:
                self.changed.wait()
            if self.room is not None:
                self.room -= 1
        if self.answers.get(address) == "drop":
            return False
        self.taken.append((address, text))
        say(f"250 2.0.0 taken as {len(self.taken)}")
        return True
