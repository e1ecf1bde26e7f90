65
<stream:open xmlns:stream='urn:ietf:params:xml:ns:xmpp-framing'/>15
<stream:close/>