82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>71
<a xmlns='urn:x'><stream xmlns='http://etherx.jabber.org/streams'/></a>