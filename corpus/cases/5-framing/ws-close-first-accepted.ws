52
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>