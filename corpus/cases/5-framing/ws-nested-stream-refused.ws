82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>64
<stream:stream xmlns:stream='http://etherx.jabber.org/streams'/>