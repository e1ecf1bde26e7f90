# SPDX-License-Identifier: MIT
"""What must come of weir-connect with each server, security layer, TLS version and mechanism."""

import dataclasses

from server import (ANONYMOUS, DOMAIN, EXPIRED, EXTERNAL, HASHED, LOOPBACK, LOOPBACK_6, PASSWORD, SELF_SIGNED, USER,
                    WRONG_NAME)

NO_BINDING = "--no-channel-binding"
NOT_AUTHENTICATED, CERTIFICATE = 8, 7


@dataclasses.dataclass(frozen=True)
class Case:
    """Wanted are the exit status, and, where it is 0, the mechanism and what is said of channel binding."""

    name: str
    options: tuple = ()
    host: str = DOMAIN
    user: str = USER
    status: int = 0
    mechanism: str = ""
    binding: str = "unwanted"  # or the name of the channel binding, or "not-offered"
    says: str = ""
    client_certificate: bool = False
    password: str = PASSWORD
    trusted: bool = True  # the authority of the server's certificate
    address: str = LOOPBACK


def only(mechanism, *options, **wanted):
    name = " ".join((f"--mechanism={mechanism}", *options))
    return Case(name, (f"--mechanism={mechanism}", *options), mechanism=mechanism, **wanted)


def plain_and_without_password():
    return (only("PLAIN"),
            only("ANONYMOUS", host=ANONYMOUS, user=""),
            only("EXTERNAL", host=EXTERNAL, client_certificate=True))


def with_plus(binding):
    """The server offers -PLUS and can do what it offers: nothing else is tried, unless binding is not wanted."""
    return (Case("default", mechanism="SCRAM-SHA-256-PLUS", binding=binding),
            only("SCRAM-SHA-256-PLUS", binding=binding),
            only("SCRAM-SHA-1-PLUS", binding=binding),
            Case(NO_BINDING, (NO_BINDING,), mechanism="SCRAM-SHA-256"),
            only("SCRAM-SHA-256", NO_BINDING),
            only("SCRAM-SHA-1", NO_BINDING),
            only("SCRAM-SHA-256", status=NOT_AUTHENTICATED, says="PLUS"),
            only("SCRAM-SHA-1", status=NOT_AUTHENTICATED, says="PLUS"))


def without_plus():
    """Prosody on TLS 1.3 offers no -PLUS."""
    return (Case("default", mechanism="SCRAM-SHA-256", binding="not-offered"),
            Case("default, SCRAM-SHA-1 alone there", host=HASHED, mechanism="SCRAM-SHA-1", binding="not-offered"),
            only("SCRAM-SHA-256", binding="not-offered"),
            only("SCRAM-SHA-1", binding="not-offered"),
            only("SCRAM-SHA-256", NO_BINDING),
            only("SCRAM-SHA-1", NO_BINDING),
            only("SCRAM-SHA-256-PLUS", status=NOT_AUTHENTICATED),
            only("SCRAM-SHA-1-PLUS", status=NOT_AUTHENTICATED),
            *plain_and_without_password())


def with_plus_of_another_binding():
    """ejabberd 23.01 on TLS 1.3 offers -PLUS, and takes bytes of tls-unique alone: no weaker try, and advice."""
    advice = "--tls-max=1.2.*--no-channel-binding|--no-channel-binding.*--tls-max=1.2"
    return (Case("default", status=NOT_AUTHENTICATED, says=advice),
            only("SCRAM-SHA-256-PLUS", status=NOT_AUTHENTICATED, says=advice),
            only("SCRAM-SHA-1-PLUS", status=NOT_AUTHENTICATED, says=advice),
            Case(NO_BINDING, (NO_BINDING,), mechanism="SCRAM-SHA-256"),
            only("SCRAM-SHA-256", NO_BINDING),
            only("SCRAM-SHA-1", NO_BINDING),
            only("SCRAM-SHA-256", status=NOT_AUTHENTICATED, says="PLUS"),
            only("SCRAM-SHA-1", status=NOT_AUTHENTICATED, says="PLUS"),
            *plain_and_without_password())


SHA_1_ALONE = Case("default, SCRAM-SHA-1 alone there", host=HASHED, mechanism="SCRAM-SHA-1-PLUS", binding="tls-unique")
ANONYMOUS_PEER = only("ANONYMOUS", user="")

MATRIX = {("Prosody", "1.2"): (*with_plus("tls-unique"), SHA_1_ALONE, *plain_and_without_password()),
          ("Prosody", "1.3"): without_plus(),
          ("ejabberd", "1.2"): (*with_plus("tls-unique"), *plain_and_without_password()),
          ("ejabberd", "1.3"): with_plus_of_another_binding(),
          ("weir-peer", "1.2"): (*with_plus("tls-unique"), only("PLAIN"), ANONYMOUS_PEER),
          ("weir-peer", "1.3"): (*with_plus("tls-exporter"), only("PLAIN"), ANONYMOUS_PEER)}

REFUSED = (Case("wrong password", status=NOT_AUTHENTICATED, says="not-authorized", password="wrong"),
           Case("wrong password, PLAIN", ("--mechanism=PLAIN",), status=NOT_AUTHENTICATED, says="not-authorized",
                password="wrong"),
           Case("unknown user", (NO_BINDING,), user="nobody", status=NOT_AUTHENTICATED, says="not-authorized"),
           Case("certificate of another name", host=WRONG_NAME, status=CERTIFICATE, says="name|host"),
           Case("certificate expired", host=EXPIRED, status=CERTIFICATE, says="expired"),
           Case("certificate self-signed", host=SELF_SIGNED, status=CERTIFICATE, says="self.signed"),
           Case("certificate of an unknown authority", status=CERTIFICATE, says="issuer|self.signed", trusted=False),
           Case("EXTERNAL, certificate of another user", ("--mechanism=EXTERNAL",), user="nurse", host=EXTERNAL,
                status=NOT_AUTHENTICATED, client_certificate=True),
           Case("ANONYMOUS alone there", host=ANONYMOUS, status=NOT_AUTHENTICATED))

# Whatever TLS version and mechanism there are.
MANY = Case("100 messages of 10 kB to oneself", (NO_BINDING,))
IPV6 = Case("IPv6", (NO_BINDING,), mechanism="SCRAM-SHA-256", address=LOOPBACK_6)
