51
<Open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>