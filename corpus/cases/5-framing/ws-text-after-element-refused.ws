82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>56
<message xmlns='jabber:client'><body>x</body></message>x