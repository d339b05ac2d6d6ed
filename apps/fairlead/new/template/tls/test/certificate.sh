#!/bin/sh
# Makes chain.pem and key.pem in the current directory: a certificate for this machine that only a client which is told to
# trust it accepts. For tests; a server on a network gets its certificate from an authority.
exec openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 30 -keyout key.pem -out chain.pem \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1
