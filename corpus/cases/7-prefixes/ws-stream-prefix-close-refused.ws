56
<f:close xmlns:f='urn:ietf:params:xml:ns:xmpp-framing'/>