82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>67
<message xmlns='jabber:client'><body>x</body></message><!DOCTYPE a>