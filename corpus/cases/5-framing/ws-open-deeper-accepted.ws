82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>124
<a xmlns='urn:x'><open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/><close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/></a>55
<message xmlns='jabber:client'><body>x</body></message>