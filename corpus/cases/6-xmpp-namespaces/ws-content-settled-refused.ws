82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>32
<message xmlns='jabber:client'/>32
<message xmlns='jabber:server'/>