140
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' xmlns:f='urn:ietf:params:xml:ns:xmpp-framing' xmlns:s='http://etherx.jabber.org/streams'/>