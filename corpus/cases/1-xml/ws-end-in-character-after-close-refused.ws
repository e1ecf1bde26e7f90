82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>53
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>Ã