88
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'></open>55
<message xmlns='jabber:client'><body>x</body></message>60
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'></close >