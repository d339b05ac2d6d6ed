"""A nats-server that belongs to an operator: its users show JWTs, which openssl(1) signs here as `nsc` would."""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from .cluster import free_ports, program
from .process import wait_until
from .programs import PATIENCE

OPERATOR, ACCOUNT, USER = 14 << 3, 0, 20 << 3  # the first byte of a public key, so that it begins with O, A or U
SEED = 18 << 3
PKCS8 = bytes.fromhex("302e020100300506032b657004220420")  # what precedes the seed in a private key of Ed25519
UNLIMITED = {"subs": -1, "data": -1, "payload": -1}


def why_not():
    """Why there can be no such server, or nothing."""
    missing = [each for each in ("nats-server", "openssl") if not program(each)]
    return f"{' and '.join(missing)}: not installed" if missing else ""


def _openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, stdout=subprocess.PIPE, timeout=PATIENCE, check=True).stdout


def _base32(data):
    """With CRC-16/XMODEM behind it."""
    crc = 0
    for each in data:
        crc ^= each << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return base64.b32encode(data + crc.to_bytes(2, "little")).decode().rstrip("=")


def _base64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Identity:
    """A pair of keys, and its JWT, which `issuer` signs; without one, it signs itself."""

    def __init__(self, folder, kind, name, issuer=None):
        self._kind, self._name, self._issuer = kind, name, issuer or self
        self._key = os.path.join(folder, name + ".der")
        seed = os.urandom(32)
        with open(self._key, "wb") as file:
            file.write(PKCS8 + seed)
        public = _openssl("pkey", "-inform", "DER", "-in", self._key, "-pubout", "-outform", "DER")[-32:]
        self.public = _base32(bytes((kind,)) + public)
        self.seed = _base32(bytes((SEED | kind >> 5, (kind & 31) << 3)) + seed)

    def sign(self, data):
        with tempfile.NamedTemporaryFile() as file:  # openssl takes its size
            file.write(data)
            file.flush()
            return _openssl("pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", self._key, "-in", file.name)

    def jwt(self, rights, **more):
        """With rights for a server of NATS, and more claims, such as exp."""
        kinds = {OPERATOR: "operator", ACCOUNT: "account", USER: "user"}
        claims = {"iat": int(time.time()), "iss": self._issuer.public, "name": self._name, "sub": self.public, **more,
                  "nats": {"type": kinds[self._kind], "version": 2, **rights}}
        parts = ({"typ": "JWT", "alg": "ed25519-nkey"}, claims)
        text = ".".join(_base64(json.dumps(each).encode()) for each in parts)
        return text + "." + _base64(self._issuer.sign(text.encode()))


class OperatedBroker:
    """Knows one account from memory; `close` ends it."""

    def __init__(self, tls=None):
        self._folder = tempfile.TemporaryDirectory(prefix="fairlead-nats-")
        self._tls = tls
        self._operator = Identity(self._folder.name, OPERATOR, "operator")
        self._operator_jwt = self._operator.jwt({})  # a reload with another one is refused
        self._account = Identity(self._folder.name, ACCOUNT, "account", self._operator)
        self._users, self._revoked = {}, {}
        self.port = free_ports(1)[0]
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"{'tls' if tls else 'nats'}://{self.address}"
        self._write_configuration()
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen([program("nats-server"), "-c", self._path("nats.conf")], stdout=self._log,
                                         stderr=self._log)
        try:
            wait_until(self._answers, self.log)
        except BaseException:
            self.close()
            raise

    def credentials(self, name, seconds=None, issuer=None, publish=None):
        """The file of a user, whose JWT ends after so many seconds; `publish` are its permissions."""
        user = Identity(self._folder.name, USER, name, issuer or self._account)
        rights = {"pub": publish or {}, "sub": {}, **UNLIMITED}
        token = user.jwt(rights, **({} if seconds is None else {"exp": int(time.time()) + seconds}))
        file = self._path(name + ".creds")
        with open(file, "w", encoding="ascii") as out:
            out.write(f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
                      f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n")
        self._users[name] = user.public
        return file

    def revoke(self, name):
        """The server ends the connections of this user."""
        self._revoked[self._users[name]] = int(time.time()) + 1  # JWTs that were issued before
        self._write_configuration()
        self._process.send_signal(signal.SIGHUP)

    def stranger(self):
        """An account that the server does not know."""
        return Identity(self._folder.name, ACCOUNT, "stranger", self._operator)

    def log(self):
        descriptor = self._log.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")

    def _write_configuration(self):
        limits = {**UNLIMITED, "imports": -1, "exports": -1, "wildcards": True, "conn": -1, "leaf": -1}
        account = self._account.jwt({"limits": limits, "revocations": self._revoked})
        tls = f'tls {{ cert_file: "{self._tls.chain}", key_file: "{self._tls.key}" }}\n' if self._tls else ""
        with open(self._path("nats.conf"), "w", encoding="ascii") as file:
            file.write(f'listen: "{self.address}"\noperator: {self._operator_jwt}\nresolver: MEMORY\n'
                       f"resolver_preload: {{ {self._account.public}: {account} }}\n{tls}")

    def _path(self, name):
        return os.path.join(self._folder.name, name)

    def _answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self):
        self._process.kill()
        self._process.wait(PATIENCE)
        self._log.close()
        self._folder.cleanup()
