53
<stream xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>