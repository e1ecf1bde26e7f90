52
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>52
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>