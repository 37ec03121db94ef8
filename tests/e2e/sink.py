"""Postfix's smtp-sink: a mail server of other hands, which writes down each transaction."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time

CHOOSING = threading.Lock()
# Below the ports that the system gives to clients, and each once: a sink that is stopped and started again finds its port
# free, and no other case's sink there.
PORTS = iter(range(20000 + os.getpid() * 37 % 11000, 32700))


def free_port():
    """A loopback port that nobody holds. smtp-sink cannot choose one itself."""
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free on loopback")


class Message:
    """One transaction as the sink wrote it down."""

    def __init__(self, text):
        envelope, received, octets = re.fullmatch(
            rb"((?:X-[A-Za-z-]+: [^\n]*\n)+)(Received: [^\n]*\n(?:[ \t][^\n]*\n)*)(.*)\n", text, re.DOTALL
        ).groups()
        fields = dict(line.split(b": ", 1) for line in envelope.splitlines())
        self.reverse_path = fields[b"X-Mail-Args"].decode()
        self.forward_paths = re.findall(rb"^X-Rcpt-Args: <([^>]*)>", envelope, re.MULTILINE)
        self.forward_paths = [path.decode() for path in self.forward_paths]
        self.received = received
        # the sink keeps lines as a Unix file; on the wire each ends in CRLF
        self.octets = octets.replace(b"\n", b"\r\n")


class Sink:
    """A running smtp-sink. `options` are its own, such as ("-w", "1")."""

    def __init__(self, options=(), port=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="circulard-sink-"))
        self.folder.chmod(0o777)
        with CHOOSING:
            self.port = port or free_port()
        self.process = self._start(options)

    def _start(self, options):
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        dump = str(self.folder / "m.")
        command = ["smtp-sink", *user, *options, "-d", dump, f"127.0.0.1:{self.port}", "100"]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()
        )
        for _ in range(200):
            if process.poll() is not None:
                raise RuntimeError(f"smtp-sink ended: {process.stderr.read().decode()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return process
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"smtp-sink does not answer on port {self.port}")

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def messages(self):
        """What it holds, complete transactions only."""
        found = [file.read_bytes() for file in sorted(self.folder.iterdir())]
        # the sink writes piece by piece, and an empty line behind the last
        return [Message(text) for text in found if b"\nReceived: " in text and text.endswith(b"\n\n")]

    def count(self):
        return len(list(self.folder.iterdir()))

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)
        self.process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def environment():
    """Debian keeps smtp-sink in /usr/sbin, which is not on everybody's path."""
    return {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/usr/lib/postfix/sbin"}
