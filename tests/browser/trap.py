"""What must never be asked for: a server on loopback that remembers who asked. Hostile words lead here."""

import http.server
import threading


class Trap:
    """`seen` are the paths that were asked for. `pages` are its own: the proof that it works."""

    def __init__(self):
        self.seen = []
        self.pages = {}
        trap = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                page = trap.pages.get(self.path)
                if page is None and self.path != "/favicon.ico":
                    trap.seen.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                self.wfile.write((page or "").encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
