82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>51
<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>55
<message xmlns='jabber:client'><body>x</body></message>52
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>