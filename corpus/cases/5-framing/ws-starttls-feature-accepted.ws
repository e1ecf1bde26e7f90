82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>134
<stream:features xmlns:stream='http://etherx.jabber.org/streams'><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>