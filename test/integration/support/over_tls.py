#!/usr/bin/env python3
"""over_tls.py COMMAND…: runs tests with their servers at tls:// in place of tcp://.

Its environment says so: FAIRLEAD_TEST_OVER_TLS is a folder with a certificate (server.pem, server.key), and SSL_CERT_FILE makes
all clients trust the issuer. See run_transport.hpp for programs, and Server in programs.py for scripts.
"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.environ.setdefault("FAIRLEAD", "fairlead")  # not needed here

from support import tls  # noqa: E402

if __name__ == "__main__":
    if tls.why_not():
        print(tls.why_not())
        sys.exit(77)
    with tls.Certificates() as certificates:
        sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, "FAIRLEAD_TEST_OVER_TLS": certificates.folder,
                                                   "SSL_CERT_FILE": certificates.root.chain}).returncode)
