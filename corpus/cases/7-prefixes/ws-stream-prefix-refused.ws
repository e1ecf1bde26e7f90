55
<f:open xmlns:f='urn:ietf:params:xml:ns:xmpp-framing'/>