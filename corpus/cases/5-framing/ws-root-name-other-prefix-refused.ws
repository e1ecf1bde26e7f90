56
<f:opens xmlns:f='urn:ietf:params:xml:ns:xmpp-framing'/>