"""Certificates made for a test by openssl(1), and a peer of TLS by Python's ssl that shows its bytes."""

import os
import shutil
import ssl
import subprocess
import tempfile
import unittest

from .programs import PATIENCE

CONFIGURATION = """
[req]
distinguished_name = name
[name]
"""


def why_not():
    """Why there can be no certificates here, or nothing."""
    return "" if shutil.which("openssl") else "openssl is not installed"


def certificates_of_module():
    """For setUpModule: Certificates that go with the module, which is skipped where there can be none."""
    if why_not():
        raise unittest.SkipTest(why_not())
    made = Certificates()
    unittest.addModuleCleanup(made.__exit__)
    return made


class Certificate:
    """Two files in a folder of its own, removed with it."""

    def __init__(self, folder, name):
        self.chain = os.path.join(folder, name + ".pem")
        self.key = os.path.join(folder, name + ".key")

    def options(self):
        """For `fairlead`."""
        return "--tls-certificate", self.chain, "--tls-key", self.key


class Certificates:
    """An authority, `root`, and what it issues: `server` for localhost, others on demand. Ends with the `with` block."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="fairlead-tls-")
        self.folder = self._folder.name
        self._configuration = self.path("openssl.cnf")
        with open(self._configuration, "w", encoding="ascii") as file:
            file.write(CONFIGURATION)
        self.root = self.make("root", names="", authority=True, issuer=None)
        self.ca = "--tls-ca", self.root.chain
        self.server = self.make("server")

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self, name, names="DNS:localhost,IP:127.0.0.1", authority=False, issuer="root", days=7):
        """Gives a certificate for these names. Self-signed without an issuer; expired with -1 days."""
        made = Certificate(self.folder, name)
        request, extensions = self.path("request"), self.path("extensions")
        self._openssl("req", "-config", self._configuration, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-noenc", "-subj", "/CN=" + name, "-keyout", made.key, "-out", request)
        with open(extensions, "w", encoding="ascii") as file:
            file.write(f"basicConstraints=critical,CA:{'TRUE' if authority else 'FALSE'}\n")
            file.write(f"subjectAltName={names}\n" if names else "")
        by = Certificate(self.folder, issuer) if issuer else None
        signed_by = ("-CA", by.chain, "-CAkey", by.key, "-CAcreateserial") if by else ("-key", made.key)
        self._openssl("x509", "-req", "-in", request, "-days", str(days), "-extfile", extensions, "-out", made.chain,
                      *signed_by)
        return made

    @staticmethod
    def _openssl(*arguments):
        done = subprocess.run(["openssl", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr.decode()

    def client_context(self, certificate=None):
        """Of Python: it trusts `root`."""
        context = ssl.create_default_context(cafile=self.root.chain)
        if certificate:
            context.load_cert_chain(certificate.chain, certificate.key)
        return context

    def server_context(self, certificate=None):
        """Of Python: it has `server` unless told otherwise."""
        certificate = certificate or self.server
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)
        return context

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()


class BareClient:
    """A client whose records can be changed and cut before they are sent, over a connection to a server."""

    def __init__(self, connection, context, name="localhost"):
        self.connection = connection
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)

    def hello(self):
        """The first record, which has not been sent."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self._outgoing.read()

    def handshake(self, piece=65536):
        """Shakes hands, and sends what it sends in pieces of so many bytes."""
        while True:
            try:
                self._tls.do_handshake()
                return self.send(self._outgoing.read(), piece)
            except ssl.SSLWantReadError:
                self.send(self._outgoing.read(), piece)
                self._receive()

    def records(self, data):
        """The records for this data, which have not been sent."""
        self._tls.write(data)
        return self._outgoing.read()

    def send(self, data, piece=65536):
        for offset in range(0, len(data), piece):
            self.connection.sendall(data[offset:offset + piece])

    def read(self, size):
        """As many bytes of data; fewer at the end. Raises ssl.SSLError for an alert."""
        data = b""
        while len(data) < size:
            try:
                more = self._tls.read(size - len(data))
            except ssl.SSLWantReadError:
                self._receive()
                continue
            except ssl.SSLZeroReturnError:
                return data
            if not more:
                return data
            data += more
        return data

    def _receive(self):
        data = self.connection.recv(65536)
        self._incoming.write(data) if data else self._incoming.write_eof()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
